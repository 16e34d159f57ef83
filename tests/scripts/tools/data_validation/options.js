// Converting texts, stopping early, own messages.
const input = { age: "41", ok: "true" };
const rules = { age: { type: "type", expected: "integer" }, ok: { type: "type", expected: "boolean" } };
const coerced = await Tool.data_validation({ input, rules, coerce: true });
const bad = [{ type: "length", min: 5 }, { type: "pattern", regex: "^x" }, "email"];
const own = await Tool.data_validation({ input: "", rules: "required", messages: { required: "say it" } });
export default {
  strict: (await Tool.data_validation({ input, rules })).output,
  coerced: [coerced.output, coerced.value],
  all: (await Tool.data_validation({ input: "a", rules: bad })).error_count,
  fail_fast: (await Tool.data_validation({ input: "a", rules: bad, fail_fast: true })).error_count,
  max_errors: (await Tool.data_validation({ input: "a", rules: bad, max_errors: 2 })).errors.length,
  message: own.errors[0].message,
};
