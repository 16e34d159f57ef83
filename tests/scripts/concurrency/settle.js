// Promise.allSettled waits for all and says for each how it ended.
const results = await Promise.allSettled([
  Tool.calculator({ input: "1 + 1" }).then((result) => result.output),
  Tool.invoke("no_such_tool"),
  Promise.reject("own words"),
]);
export default [
  { ok: results[0].status === "fulfilled", value: results[0].value },
  { ok: results[1].status === "fulfilled", kind: results[1].reason.kind },
  { ok: results[2].status === "fulfilled", error: results[2].reason },
];
