// A hook that fails or is slow never breaks the call, unless it is to; after some failures it is left out.
const events = await Event.subscribe("hook.breaker.*");
let calls = 0;
const h = await Hook.register("BeforeAgentExecution", () => { calls += 1; throw new Error("broken"); }, { name: "broken" });
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
for (let i = 0; i < 5; i++) await agent.execute("hi");
const info = (await Hook.list("BeforeAgentExecution"))[0];
const opened = await Event.receive(events, 0);
await h.unregister();
const late = await Hook.register("BeforeAgentExecution", () => Utils.sleep(5), { timeout_ms: 20 });
const in_time = (await agent.execute("hi")).text !== null;
await late.unregister();
await Hook.register("BeforeAgentExecution", () => { throw new Error("closed"); }, { name: "strict", fail_closed: true });
let closed;
try { await agent.execute("hi"); } catch (e) { closed = e; }
await Hook.register("ConfigurationChange", () => ({ type: "retry" }), { name: "odd", fail_closed: true });
for (let n = 1; n <= 4; n++) await Config.set("x.y", n);
const odd = (await Hook.list("ConfigurationChange"))[0];
export default {
  calls, failures: info.failures, breaker: info.breaker, opened: [opened.type, opened.data.hook, opened.data.point],
  in_time, closed: [closed.kind, closed.details.hook], odd: [odd.failures, odd.breaker, Config.get("x.y")],
};
