// Also the states that an agent only passes through are told, to hooks and as events.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const id = await Event.subscribe("agent.state.changed");
const seen = [];
for (const state of ["Initializing", "Recovering", "Terminating"]) {
  for (const phase of ["enter", "exit"]) {
    await Hook.register(`custom:agent_state_${state}_${phase}`, (ctx) => {
      seen.push(phase + ":" + ctx.data.from_state + ">" + ctx.data.to_state);
    });
  }
}
await agent.execute("hi");
await agent.setError("x");
const guard = await Hook.register("custom:agent_state_Recovering_enter", () => "not yet");
let refused;
try { await agent.recover(); } catch (e) { refused = e.message; }
const stays = await agent.getState();
await guard.unregister();
await agent.recover();
await agent.terminate();
const told = (await Event.receiveBatch(id, { timeout_ms: 0 })).map((e) => e.data.from + ">" + e.data.to);
export default { seen, told, refused, stays };
