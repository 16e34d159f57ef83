// Hooks within hooks come to an end: the ninth runs without any.
let calls = 0, deepest = 0;
for (let i = 1; i <= 12; i++) {
  await Tool.define({ name: "t" + i, description: "t", execute: () => { deepest = Math.max(deepest, i); return i; } });
  await Hook.register("BeforeToolExecution", async (ctx) => {
    if (ctx.tool_name === "t" + i) {
      calls += 1;
      if (i < 12) await Tool.invoke("t" + (i + 1), {});
    }
  });
}
export default { output: (await Tool.invoke("t1", {})).output, calls, deepest };
