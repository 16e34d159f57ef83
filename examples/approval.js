// Asks on the terminal before a tool that changes the world runs.
//
//   llmspell run examples/approval.js        type y and Enter to permit, anything else to refuse
//
// The hook sees every call of a tool, whoever makes it: this script, or a model within an agent. It fails closed: if it
// cannot ask, nothing happens.

const dangerous = ["deploy", "file_operations", "process_executor", "email_sender"];

await Hook.register({
  point: "BeforeToolExecution",
  name: "approval",
  priority: "highest",
  timeout_ms: 600000,
  fail_closed: true,
  handler: async (/** @type {any} */ ctx) => {
    if (!dangerous.includes(ctx.tool_name)) {
      return "continue";
    }
    console.error(`permit ${ctx.tool_name} ${JSON.stringify(ctx.parameters)}? [y/N]`);
    if (await console.readLine() === "y") {
      return "continue";
    }
    return { type: "cancel", reason: "refused on the terminal" };
  },
});

await Tool.define({
  name: "deploy",
  description: "Puts a version into production",
  parameters: [{ name: "version", type: "string", required: true }],
  execute: (/** @type {{ version: string }} */ { version }) => `version ${version} is live`,
});

console.log((await Tool.calculator({ input: "6 * 7" })).output); // not dangerous, not asked for

try {
  console.log((await Tool.invoke("deploy", { version: "1.2" })).output);
} catch (error) {
  console.log(`not deployed: ${/** @type {Error} */ (error).message}`);
}

export {};
