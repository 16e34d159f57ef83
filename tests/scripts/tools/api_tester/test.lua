-- One request, its checks, and what it saw.
local r = Tool.api_tester {
  input = Args[1] .. "/json",
  expected_status = "200-299",
  expected_headers = { ["Content-Type"] = { matches = "json" } },
  assertions = { { path = ".tags | length", equals = 2 }, { path = "$.name", matches = "^llm" } },
  extract = { first = ".tags[0]" },
}
return {
  passed = { r.success, r.operation, r.output, r.passed, r.checks },
  failures = r.failures,
  request = { r.request.method, r.request.url },
  response = { r.response.status_code, r.response.status_text, r.response.is_success, r.response.body_is_json, r.response.size },
  body = r.response.body,
  variables = r.variables,
  is_timed = r.timing.duration_ms > 0 and r.timing.duration_secs > 0,
  status_code = r.metadata.status_code,
}
