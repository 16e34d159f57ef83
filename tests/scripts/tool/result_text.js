// `text` is the whole answer as JSON text, with `result` beside `data`.
const good = JSON.parse((await Tool.calculator({ input: "6 * 7" })).text);
const bad = JSON.parse((await Tool.calculator({ input: "1 / 0" })).text);
// A member that is null is absent in Lua.
const names = Object.keys(good).filter((name) => good[name] !== null).sort();
export default {
  names,
  success: good.success,
  result: good.result.result,
  data: good.data.result,
  bad: [bad.success, bad.error_kind, bad.operation],
};
