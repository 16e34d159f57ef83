// What executions of a workflow share is the scope `workflow:ID` of State: whoever writes it, all see it, and so do hooks and events.
const is = (condition) => ({ name: "is", condition, execute: () => "yes" });
const holds = async (wf) => (await wf.execute({ given: "input" })).output === "yes";
const wf = Workflow.sequential({ name: "w", steps: [
  { name: "count", execute: async (_, state) => {
    await state.set("n", ((await state.get("n")) ?? 0) + 1);
    return state.get("n");
  } },
  { name: "tokens", input: { own: "{{state:both}}", all: "{{state:shared}}", user: "{{state:user:1::name}}", id: "{{state:list.rows[1].id}}", none: "{{state:none | default:-}}" },
    execute: (ctx) => ctx.params },
] });
const scope = State.scope.Workflow(wf.id);
await State.save("shared", "of all");
await State.save("both", "of all");
await State.save("user:1", "name", "Ada");
await State.save(scope, "both", "own");
await State.save({ type: "workflow", id: wf.id }, "list", { rows: [{ id: 1 }, { id: 2 }] });

const writes = [], told = [], changes = [];
await Hook.register("BeforeStateWrite", (ctx) => {
  if (ctx.data.scope !== scope) return;
  writes.push([ctx.data.key, ctx.data.value, ctx.data.old_value ?? "none"]);
  if (ctx.data.key === "locked") return { type: "cancel", reason: "it is locked" };
  if (ctx.data.key === "doubled") return { type: "modified", data: { value: ctx.data.value * 2 } };
});
await Hook.register("custom:workflow_shared_data", (ctx) => {
  if (ctx.workflow_id === wf.id) told.push([ctx.workflow_name, ctx.data.key, ctx.data.value]);
});
const marks = await Hook.register("BeforeWorkflowStage", (ctx) => {
  if (ctx.stage_name === "count") return { continue_execution: true, state_updates: { mark: ctx.stage_name } };
});
const sub = await Event.subscribe("state.changed");
const first = await wf.execute();
await marks.unregister();
const second = await wf.execute();
const set = await wf.set_state("doubled", 4);
await wf.set_state("api_token", "t0p");
const raised = (act) => act().then(() => [true], (e) => [false, e.kind, e.message]);
const veto = await raised(() => wf.set_state("locked", 1));
const refused = await raised(() => wf.set_state("a..b", 1));
const locked = Workflow.sequential({ name: "locked", steps: [{ name: "s", execute: async (_, state) => { await state.set("locked", 1); } }] });
const other = State.scope.Workflow(locked.id);
await Hook.register("BeforeStateWrite", (ctx) => {
  if (ctx.data.scope === other) return { type: "cancel", reason: "it is locked as well" };
});
const failed = await locked.execute();
for (;;) {
  const event = await Event.receive(sub, 0);
  if (!event) break;
  const d = event.data;
  if (d.scope === scope) changes.push([d.key, d.old_value ?? "none", d.new_value]);
}

// Conditions look at the loop, at the input, at the workflow's own data, at the global one.
const asks = async (condition) => {
  const asking = Workflow.sequential({ name: "asking", steps: [is(condition)] });
  await State.save(State.scope.Workflow(asking.id), "both", "own");
  await State.save(State.scope.Workflow(asking.id), "given", "state");
  return holds(asking);
};
const counted = Workflow.loop({
  name: "counted", iterator: { while_condition: { type: "shared_data_less_than", key: "turns", value: 3 } },
  body: [{ name: "turn", execute: async (_, state) => { await state.set("turns", (await state.get("turns")) + 1); } }],
});
await counted.set_state("turns", 0);
export default {
  outputs: [first.data.outputs.count, second.data.outputs.count, first.data.outputs.tokens],
  set, values: [await State.load(scope, "n"), await wf.get_state("both"), await wf.get_state("doubled"), await State.load(scope, "doubled"), (await State.load("n")) === null],
  secret: await wf.get_state("api_token"),
  keys: [await State.list(scope), (await wf.debug()).runtime.state_keys],
  veto, refused: refused.slice(0, 2), failed: [failed.success, failed.error.kind, failed.error.message],
  writes, told, changes,
  asks: [
    await asks({ type: "shared_data_equals", key: "given", expected: "input" }), await asks({ type: "shared_data_equals", key: "both", expected: "own" }),
    await asks({ type: "shared_data_equals", key: "shared", expected: "of all" }), await asks({ type: "shared_data_exists", key: "shared" }),
    await asks({ type: "shared_data_exists", key: "none" }), await asks("state.given == 'state' and shared_data.given == 'input' and data.both == 'own'"),
    await asks("$shared == 'of all' and state.shared == 'of all' and $none == null"),
    await asks(async (_, state) => (await state.get("given")) === "state"),
  ],
  turns: (await counted.execute()).data.total_iterations,
};
