// JSON.parse reads any JSON text; JSON.decode is the same function.
const value = JSON.parse('{"name": "Ann", "tags": ["a", "b"], "age": 41, "ratio": 0.5, "ok": true, "none": null}');
if (value.none !== null || JSON.decode("[1]")[0] !== 1) throw new Error("not as expected");
export default {
  value,
  second: value.tags[1],
  text: JSON.parse('"naïve \\ud83c\\udf89 \\u00e9\\n"'),
  number: JSON.parse(" -12 "),
  yes: JSON.parse("true"),
  nothing: JSON.parse("null") === null,
};
