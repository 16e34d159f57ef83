// The forms in which a difference of texts is shown.
const results = {};
for (const format of ["unified", "context", "inline", "simple", "side_by_side", "html"]) {
  results[format] = (await Tool.diff_calculator({ old: "a\nb\n", new: "a\nc\n", format })).output;
}
const json = (await Tool.diff_calculator({ old: "a\n", new: "b\n", format: "json" })).output;
results.json = typeof json === "object" ? "table" : typeof json;
export default results;
