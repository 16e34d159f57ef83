// Hooks are told marks in place of secrets; what they leave as it was told is the secret again.
let token = "tok-4711-abcdef";
const seen = {};
const call = async () =>
  (await Tool.invoke("json_processor", { operation: "query", input: { token, n: 1 }, query: "[.token, .n]" })).output;

const before = await Hook.register("BeforeToolExecution", (ctx) => {
  seen.before = ctx.parameters.input.token;
  seen.data = ctx.data.parameters.input.token;
  seen.operation = ctx.operation.parameters.input.token;
  const parameters = ctx.parameters;
  parameters.input.n = 2;
  return { type: "modified", data: { parameters } };
});
const after = await Hook.register("AfterToolExecution", (ctx) => {
  seen.after = ctx.data.output[0];
  return { type: "modified", data: { output: [ctx.data.output[0], ctx.data.output[1], "more"] } };
});
const changed = await call();
await before.unregister();
await after.unregister();

// A cache that is keyed with what the hook was told does not mix up two secrets.
const h = await Hook.register("BeforeToolExecution", (ctx) => ({ type: "cache", key: "k " + ctx.parameters.input.token }));
const first = (await call())[0];
token = "tok-0815-ghijkl";
const second = (await call())[0];
await h.unregister();
export default { seen, changed, first, second };
