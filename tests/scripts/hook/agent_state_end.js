// Hooks of an agent's states see the begin of an execution, which they may forbid, and its end, which they may not.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const poor = await Agent.create({ name: "cid", model: "openai/gpt-4o" });
await agent.initialize();
await poor.initialize();
const seen = [];
for (const name of ["Ready_exit", "Running_enter", "Running_exit", "Ready_enter"]) {
  await Hook.register("custom:agent_state_" + name, (ctx) => {
    seen.push(`${ctx.component_id.name} ${name}:${ctx.data.from_state}>${ctx.data.to_state}`);
    if (name === "Running_exit") return "no";
  });
}
const { text } = await agent.execute("hi");
try { await poor.execute("hi"); } catch { /* it has no key */ }
export default { text, seen, state: await agent.getState() };
