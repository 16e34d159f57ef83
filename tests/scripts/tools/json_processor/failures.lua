-- A filter that does not compile, one that fails, one that never ends; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.json_processor, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  syntax = failure { input = {}, query = ".a[" },
  run_time = failure { input = { a = 1 }, query = ".a.b.c" },
  endless = failure { input = {}, query = "[range(0; 1000000000)] | length" },
  recursion = failure { input = {}, query = "def f: f + 1; f" },
  environment = failure { input = {}, query = "env" },
  files = failure { input = {}, query = "input_filename" },
  operation = failure { input = {}, operation = "qurey" },
  schema = failure { operation = "validate", input = {} },
  path = failure { operation = "set", input = {}, value = 1 },
  value = failure { operation = "set", input = {}, path = ".a" },
  input = failure { query = "." },
  type = failure { input = {}, indent = "wide" },
}
