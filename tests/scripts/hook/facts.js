// A hook is told which tools an agent may call, and what was refused by which setting.
const seen = [];
await Hook.register("BeforeAgentExecution", (ctx) => {
  seen.push(ctx.data.tools);
  return { type: "modified", data: ctx.data };
});
const agent = await Agent.create({ name: "a", model: "mock/echo", tools: ["calculator", "uuid_generator"] });
await agent.execute("hi");
await agent.execute({ text: "hi", tools: ["calculator"] });
const called = await Agent.create({ name: "b", model: "mock/tools", tools: ["calculator", "uuid_generator"] });
const names = (await called.execute("use calculator and uuid_generator")).tool_calls.map((call) => call.name);
const refused = [];
await Hook.register("SecurityViolation", (ctx) => { refused.push([ctx.data.operation, ctx.data.resource, ctx.data.policy]); });
await Tool.invoke("file_operations", { operation: "read", path: "/etc/shadow" });
await Tool.invoke("environment_reader", { operation: "get", name: "SOME_API_TOKEN" });
await Config.set("providers.x.api_key", "y").catch(() => {});
export default { tools: seen, called: names, refused };
