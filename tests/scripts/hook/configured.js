// The configuration enables built-in hooks and bounds the number of hooks.
await Tool.define({ name: "echo", description: "echo", parameters: [{ name: "text", type: "string" }], execute: (p) => p.text });
await Hook.register("ToolError", () => {});
let e;
try { await Hook.register("ToolError", () => {}); } catch (raised) { e = raised; }
export default { output: (await Tool.invoke("echo", { text: " <b> " })).output, enabled: await Hook.isBuiltinEnabled("InputSanitizer"), limit: [e.kind, e.message, e.details.limit] };
