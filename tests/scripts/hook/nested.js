// A hook may call anything; it is not called for what it started itself, and redirections come to an end.
const seen = [];
await Tool.define({ name: "a", description: "a", execute: () => "a" });
await Tool.define({ name: "b", description: "b", execute: () => "b" });
const one = await Hook.register("BeforeToolExecution", async (ctx) => { seen.push("1" + ctx.tool_name); if (ctx.tool_name === "a") await Tool.invoke("b", {}); });
const two = await Hook.register("BeforeToolExecution", (ctx) => { seen.push("2" + ctx.tool_name); });
const output = (await Tool.invoke("a", {})).output;
await one.unregister(); await two.unregister();
await Hook.register("BeforeToolExecution", (ctx) => ({ type: "redirect", target: ctx.tool_name === "a" ? "b" : "a" }));
let endless;
try { endless = (await Tool.invoke("a", {})).error_kind; } catch (e) { endless = e.kind; }
export default { output, seen, endless };
