// What a tool's function may return: any data, nothing, or a whole result with `success`.
async function answer(name, value) {
  const tool = await Tool.define({ name, description: name, execute: () => value });
  const r = await tool({});
  return { success: r.success, data: r.data, output: r.output, error: r.error, error_kind: r.error_kind };
}
export default {
  text: await answer("text", "hello"),
  number: await answer("number", 0.5),
  list: await answer("list", [1, 2]),
  no: await answer("no", false),
  nothing: await answer("nothing", undefined),
  result: await answer("result", { success: true, data: { rows: 3 }, output: 3 }),
  failure: await answer("failure", { success: false, error: "the well is dry", error_kind: "limit" }),
};
