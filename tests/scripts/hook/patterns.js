// Several functions make one answer: one after the other, at the same time, the first that says anything, or by vote.
const yes = () => {}, no = () => "no";
const add = (n) => (ctx) => ({ type: "modified", data: { parameters: { input: ctx.data.parameters.input + "+" + n } } });
async function run(functions, pattern, threshold) {
  const h = await Hook.register({ point: "BeforeToolExecution", handler: functions, pattern, threshold });
  try { return (await Tool.calculator({ input: "1" })).output; } catch (e) { return e.message; } finally { await h.unregister(); }
}
async function failure(act) {
  try { await act(); } catch (e) { return e; }
}
const unknown = await failure(() => Hook.register({ point: "ToolError", handler: [yes], pattern: "random" }));
const none = await failure(() => Hook.register("ToolError", [1]));
export default {
  sequential: [await run([add(2), add(4)]), await run([add(2), no, add(4)])],
  parallel: [await run([yes, add(2)], "parallel"), await run([add(2), no], "parallel")],
  first_match: [await run([yes, add(2), add(4)], "first_match"), await run([yes, no, add(2)], "first_match")],
  voting: [await run([yes, yes, no], "voting"), await run([yes, no, no], "voting"), await run([yes, yes, no], "voting", 0.9)],
  unknown: [unknown.kind, unknown.message], none: none.kind,
};
