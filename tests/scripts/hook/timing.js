// The time of hooks is not that of the tool; what its own limit ended is told of, and can be tried again.
let tries = 0;
await Tool.define({ name: "slow", description: "slow", timeout_ms: 200, execute: async () => {
  tries += 1;
  if (tries === 1) await Utils.sleep(20);
  return tries;
} });
await Tool.define({ name: "quick", description: "quick", timeout_ms: 300, execute: () => "done" });
async function call(name) {
  tries = 0;
  const r = await Tool.invoke(name);
  return [r.success, r.output ?? r.error_kind];
}
async function using(point, answer, options, act) {
  const h = await Hook.register(point, answer, options);
  const outcome = await act();
  await h.unregister();
  return outcome;
}
const seen = {};
let told;
const tell = async (ctx) => {
  told = [ctx.data.error_kind, (await Tool.calculator({ input: "1 + 1" })).output];
};
seen.told = [await using("ToolError", tell, {}, () => call("slow")), told];
told = undefined;
await using("custom:tool_timeout", tell, {}, () => call("slow"));
seen.timeout_point = told[1];
await Hook.enableBuiltin("RetryHandler", { initial_delay_ms: 1 });
seen.retried = await call("slow");
await Hook.disableBuiltin("RetryHandler");
seen.paused = await using("ToolError", () => ({ type: "retry", delay_ms: 300 }), {}, () => call("slow"));
seen.redirected = await using("ToolError", () => ({ type: "redirect", target: "quick" }), {}, () => call("slow"));
seen.waited = await using("BeforeToolExecution", () => Utils.sleep(0.5), {}, () => call("quick"));
seen.late = await using("BeforeToolExecution", () => Utils.sleep(20), { timeout_ms: 500 }, () => call("quick"));
export default seen;
