-- A check that fails is a result that says what was expected.
local function check(params)
  params.input = Args[1] .. "/json"
  local r = Tool.api_tester(params)
  local failure = r.failures[1] or {}
  return { passed = r.passed, check = failure.check, message = failure.message }
end
return {
  status = check { expected_status = 404 },
  header = check { expected_headers = { ["X-None"] = "1" } },
  text = check { expected_body = "llmspell" },
  body = check { expected_body = { name = "llmspell", tags = { "a", "b" }, count = 2 } },
  schema = check { expected_schema = { required = { "age" } } },
  equals = check { assertions = { { path = ".count", equals = 3 } } },
  contains = check { assertions = { { path = ".tags", contains = "b" } } },
  exists = check { assertions = { { path = ".age", exists = false } } },
  type = check { assertions = { { path = ".tags", type = "array" } } },
  greater = check { assertions = { { path = ".count", greater = 2 } } },
  less = check { assertions = { { path = ".count", less = 3 } } },
  duration = check { max_duration_ms = 60000 },
  extract = check { extract = { age = ".age" } },
}
