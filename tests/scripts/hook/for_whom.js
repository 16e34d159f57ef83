// Hooks are told for whom an operation is done; built-in hooks limit, count and permit by it.
async function session(options) {
  const id = await Session.create(options);
  await Session.setCurrent(id);
  return id;
}
let told;
const watch = await Hook.register("BeforeToolExecution", (ctx) => { told = ctx.metadata; }, "highest");
async function seen() {
  await Tool.calculator({ input: "1 + 1" });
  return told;
}
const run = await seen();
const ann = await session({ created_by: "ann", metadata: { tenant_id: "blue", other: "x" } });
const ofAnn = await seen();
await Session.updateMetadata(ann, { user_id: "anna" });
const renamed = (await seen()).user_id;
await Session.suspend(ann);
const suspended = (await seen()).user_id;
await Session.resume(ann);
let about;
await Hook.register("SessionCheckpoint", (ctx) => { about = ctx.metadata.session_id; });
await Session.setCurrent(null);
await Session.suspend(ann);
const whose = about === ann;
await Session.resume(ann);

const agent = await Agent.create({ name: "a", model: "mock/tools", tools: ["uuid_generator"] });
await agent.execute("use uuid_generator");
const nested = told.recursion_depth;
let ofContext;
const before = await Hook.register("BeforeAgentExecution", (ctx) => { ofContext = ctx.metadata.user_id; });
await agent.executeWithContext("hi", await Agent.createContext({ user_id: "carl" }));
await watch.unregister();
await before.unregister();

async function kind(act, argument) {
  try {
    await act(argument);
    return "done";
  } catch (raised) {
    return raised.kind;
  }
}
const calculate = () => kind(Tool.calculator, { input: "1 + 1" });
const bob = await Session.create({ created_by: "bob", metadata: { role: "guest" } });
await Hook.enableBuiltin("RateLimiter", { strategy: "PerUser", capacity: 1, burst_capacity: 0, refill_rate: 0.001 });
const limited = [];
for (const id of [ann, bob, ann, bob]) {
  await Session.setCurrent(id);
  limited.push(await calculate());
}
await Hook.disableBuiltin("RateLimiter");

await Session.updateMetadata(ann, { role: "admin" });
const roles = { admin: ["*"], guest: ["uuid_generator"] };
async function permitted(config) {
  await Hook.enableBuiltin("AuthorizationChecker", config);
  const outcome = [];
  for (const id of [ann, bob]) {
    await Session.setCurrent(id);
    outcome.push([await calculate(), await kind(Tool.uuid_generator, {})]);
  }
  await Session.setCurrent(null);
  outcome.push(await calculate());
  await Hook.disableBuiltin("AuthorizationChecker");
  return outcome;
}
const byRole = await permitted({ allowed_roles: roles });
const byConfig = await permitted({ allowed_roles: roles, role: "guest" });

await Hook.enableBuiltin("CostTracker", { track_by_user: true, model_costs: { "mock/echo": { input: 1000, output: 1000 } } });
const echo = await Agent.create({ name: "echo", model: "mock/echo" });
for (const id of [ann, bob, ann]) {
  await Session.setCurrent(id);
  await echo.execute("hi");
}
const byUser = (await Hook.metrics()).costs.by_user;
export default {
  run: [run.session_id !== undefined, run.user_id === undefined, run.recursion_depth],
  ann: [ofAnn.session_id === ann, ofAnn.user_id, ofAnn.tenant_id, ofAnn.other === undefined],
  changed: [renamed, suspended === undefined], about: whose, nested, context: ofContext,
  limited, by_role: byRole, by_config: byConfig,
  trace: [run.trace_id.length, run.parent_span_id.length, run.trace_id === ofAnn.trace_id],
  by_user: [byUser.anna > byUser.bob, byUser.bob > 0],
};
