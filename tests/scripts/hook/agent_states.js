// Hooks of an agent's states: they see where it comes from and goes to, and may forbid it.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const seen = [];
for (const name of ["agent_state_Ready_exit", "agent_state_Paused_enter", "agent_paused", "agent_recovering", "before_agent_terminate"]) {
  await Hook.register("custom:" + name, (ctx) => { seen.push(name + ":" + ctx.data.from_state + ">" + ctx.data.to_state); });
}
await agent.initialize();
await agent.pause();
await agent.resume();
await agent.stop();
await agent.setError("x");
await agent.recover();
const guard = await Hook.register("custom:before_agent_terminate", () => "still needed");
let e;
try { await agent.terminate(); } catch (raised) { e = raised; }
await guard.unregister();
await agent.terminate();
export default { seen, kind: e.kind, message: e.message, point: e.details.hook_point };
