// A migration that fails, is vetoed or takes too long leaves everything as it was.
async function message(act) {
  try { await act(); } catch (e) { return e; }
}
await State.save("a", { n: 1 });
await State.save("b", { n: "x" });
const events = await Event.subscribe("migration_*");
async function run(to, transformations, options) {
  const r = await State.migrate({ to_version: to, transformations, options });
  return [r.success, r.status, r.error, r.error_kind, r.rolled_back, (await State.load("a")).n, (await State.migrationStatus()).current_version];
}
const bad = await run("1.0.1", [{ field: "n", transform: "rename", to: "m" }, { field: "m", transform: "convert", to_type: "integer" }]);
const raised = await run("1.0.2", [{ transform: "custom", fn: (v) => { if (v.n === "x") throw new Error("no"); return { n: 5 }; } }]);
await State.registerSchema({ version: "1.0.3", fields: { n: { type: "integer", required: true } } });
const strict = await run("1.0.3", [{ field: "n", transform: "default", value: 1 }], { validation: "strict" });
const slow = await run("1.0.4", [{ transform: "custom", fn: async () => { await Utils.sleep(5); } }], { timeout_seconds: 0.05 });
let told = {};
const hook = await Hook.register("StateMigration", (ctx) => {
  told = ctx.data;
  return { type: "cancel", reason: "not now" };
});
const veto = await run("1.0.5", [{ field: "n", transform: "remove" }]);
await hook.unregister();
const phases = [];
for (const point of ["StateMigration", "custom:pre_migration", "custom:post_migration"]) {
  await Hook.register(point, (ctx) => { phases.push(`${ctx.point} ${ctx.data.phase} ${ctx.data.items}`); });
}
const done = await State.migrate({ to_version: "1.0.6", transformations: [{ field: "n", transform: "copy", to: "m" }], options: { validation: "paranoid" } });
const kinds = {};
for (const e of await Event.receiveBatch(events, { timeout_ms: 500 })) kinds[e.type] = (kinds[e.type] ?? 0) + 1;
const step = await message(() => State.registerMigration({ from: "1.0.0", to: "1.0.0", transformations: [] }));
const unknown = await message(() => State.registerMigration({ from: "1.0.0", to: "1.2.0", transformations: [{ transform: "turn" }] }));
const option = await message(() => State.migrate("1.9.0", { batch_size: 0 }));
export default {
  bad, raised: [raised[0], raised[3], raised[5]], strict, slow: [slow[0], slow[2], slow[3]], veto, told: [told.phase, told.from_version, told.to_version, told.items, told.dry_run],
  phases, done: [done.success, done.items_migrated, (await State.load("b")).m], kinds,
  wrong: [step.message, unknown.message, unknown.hints[0], option.message],
};
