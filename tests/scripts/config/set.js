// Config.set changes what Config.get reads, for this run only.
await Config.set("my.list", [1, 2]);
await Config.set("my.table.name", "Ann");
await Config.set("runtime.timeout_ms", 99000);
let through;
try { await Config.set("my.table.name.first", "Ann"); } catch (raised) { through = raised; }
export default {
  list: await Config.get("my.list"),
  table: await Config.get("my.table"),
  changed: await Config.get("runtime.timeout_ms"),
  has: await Config.has("my.table.name"),
  through: [through.kind, through.message],
};
