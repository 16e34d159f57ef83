-- JSON.parse reads any JSON text; JSON.decode is the same function.
local value = JSON.parse('{"name": "Ann", "tags": ["a", "b"], "age": 41, "ratio": 0.5, "ok": true, "none": null}')
assert(value.none == nil and JSON.decode("[1]")[1] == 1)
return {
  value = value,
  second = value.tags[2],
  text = JSON.parse('"naïve \\ud83c\\udf89 \\u00e9\\n"'),
  number = JSON.parse(" -12 "),
  yes = JSON.parse("true"),
  nothing = JSON.parse("null") == nil,
}
