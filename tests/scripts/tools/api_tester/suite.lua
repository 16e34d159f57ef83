-- Tests one after the other; what one takes out, later ones use.
local requests = {
  { name = "first", url = Args[1] .. "/json", extract = { name = ".name", count = ".count" } },
  { name = "second", url = Args[1] .. "/echo?n={{count}}", method = "POST", json = { to = "{{name}}", count = "{{count}}" },
    headers = { ["X-To"] = "for {{name}}" },
    assertions = { { path = ".body | fromjson | .count", equals = 2 }, { path = '.headers["x-to"]', equals = "for llmspell" } } },
  { name = "third", url = Args[1] .. "/status/500", expected_status = 200, retry = false },
  { name = "fourth", url = Args[1] .. "/json" },
}
local r = Tool.api_tester { operation = "suite", requests = requests }
local all = Tool.api_tester { operation = "suite", requests = requests, stop_on_failure = false }
local strict = Tool.api_tester { operation = "suite", requests = requests, fail_on_mismatch = true }
local names = {}
for i, result in ipairs(r.results) do names[i] = { result.name, result.passed } end
return {
  stopped = { r.success, r.output, r.total, r.failed, r.skipped },
  names = names,
  variables = r.variables,
  all = { all.failed, all.skipped, all.results[4].passed },
  strict = { strict.success, strict.error_kind, strict.error },
}
