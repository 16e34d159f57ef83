-- A transport that fails, checks that make no sense, queries without end.
local function failure(params)
  params.input = params.input or Args[1] .. "/json"
  local ok, r = pcall(Tool.api_tester, params)
  return ok and { ok = r.success, kind = r.error_kind, passed = r.passed } or { raised = r.kind }
end
return {
  private = failure { input = "http://10.0.0.1/" },
  mismatch = failure { expected_status = 404, fail_on_mismatch = true },
  syntax = failure { assertions = { { path = ".a[", exists = true } } },
  operator = failure { assertions = { { path = ".a", equal = 1 } } },
  endless = failure { assertions = { { path = "[range(0; 1000000000)] | length", exists = true } } },
  recursion = failure { assertions = { { path = "def f: f + 1; f", exists = true } } },
  pattern = failure { assertions = { { path = ".name", matches = "(" } } },
  schema = failure { expected_schema = { type = "nonsense" } },
  count = failure { operation = "load", count = 1001 },
  no_requests = failure { operation = "suite" },
  unknown = failure { expected = 200 },
}
