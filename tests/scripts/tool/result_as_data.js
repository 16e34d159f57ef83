// Written as JSON, a result is the envelope without `text` and `result`.
const r = await Tool.calculator({ input: "6 * 7" });
const again = JSON.parse(JSON.stringify(r));
const names = Object.keys(again).filter((name) => again[name] !== null).sort();
export default { names, output: again.output, data: again.data.result };
