-- Converting texts, stopping early, own messages.
local input = { age = "41", ok = "true" }
local rules = { age = { type = "type", expected = "integer" }, ok = { type = "type", expected = "boolean" } }
local coerced = Tool.data_validation { input = input, rules = rules, coerce = true }
local bad = { { type = "length", min = 5 }, { type = "pattern", regex = "^x" }, "email" }
local own = Tool.data_validation { input = "", rules = "required", messages = { required = "say it" } }
return {
  strict = Tool.data_validation({ input = input, rules = rules }).output,
  coerced = { coerced.output, coerced.value },
  all = Tool.data_validation({ input = "a", rules = bad }).error_count,
  fail_fast = Tool.data_validation({ input = "a", rules = bad, fail_fast = true }).error_count,
  max_errors = #Tool.data_validation({ input = "a", rules = bad, max_errors = 2 }).errors,
  message = own.errors[1].message,
}
