// invalid_state: the call is not possible now.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const resumed = await agent.resume().catch((raised) => raised);
await agent.destroy();
const gone = await agent.execute("hello?").catch((raised) => raised);
export default {
  resumed: [resumed.kind, resumed.message, resumed.op],
  gone: [gone.kind, gone.message, gone.op],
};
