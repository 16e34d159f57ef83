// Every result after a tool, and after one that failed.
let runs = 0, broken = false;
await Tool.define({ name: "count", description: "Counts", execute: () => { runs += 1; if (broken) throw new Error("broken"); return runs; } });
await Tool.define({ name: "spare", description: "Spare", execute: () => "spare" });
async function run(point, answer) {
  runs = 0;
  const h = await Hook.register(point, (ctx) => (ctx.tool_name === "count" ? (typeof answer === "function" ? answer(ctx) : answer) : null));
  try {
    const r = await Tool.invoke("count", {});
    return { success: r.success, output: r.output, error: r.error, kind: r.error_kind, forks: r.metadata.forks?.[0].result, runs };
  } catch (e) {
    return { kind: e.kind, message: e.message, runs };
  } finally {
    await h.unregister();
  }
}
async function all(point) {
  return {
    continue: await run(point, null),
    cancel: await run(point, "stop"),
    skipped: await run(point, "skip"),
    redirect: await run(point, { type: "redirect", target: "spare" }),
    replace: await run(point, { type: "replace", data: 7 }),
    retry: await run(point, { type: "retry", delay_ms: 1, max_attempts: 3 }),
    fork: await run(point, { type: "fork", branches: [{ operation_type: "tool:spare" }] }),
  };
}
const after = await all("AfterToolExecution");
after.modified = await run("AfterToolExecution", { type: "modified", data: { output: "new" } });
after.result = (await run("AfterToolExecution", (ctx) => ({ type: "modified", data: { result: { was: ctx.result } } }))).output;
after.cache = await run("AfterToolExecution", { type: "cache", key: "last" });
broken = true;
const failed = await all("ToolError");
failed.modified = await run("ToolError", { type: "modified", data: { error_message: "clearer" } });
failed.cache = await run("ToolError", { type: "cache", key: "last" });
failed.fallback = await run("ToolError", { type: "retry", delay_ms: 1, max_attempts: 2, fallback_data: "saved" });
export default { after, failed };
