-- A delivery that fails is sent again, until there are enough.
local function call(name, params)
  params.url, params.retry_delay_ms = Args[1] .. "/flaky/hook-lua-" .. name .. "/2", 1
  local r = Tool.webhook_caller(params)
  local statuses = {}
  for i, attempt in ipairs(r.attempts or {}) do statuses[i] = attempt.status_code end
  return { ok = r.success, kind = r.error_kind, status = r.status_code, retries = r.retry_count, statuses = statuses }
end
return {
  by_default = call("default", {}),
  too_few = call("few", { max_retries = 1 }),
  none = call("none", { retries = 0 }),
  other_status = call("other", { retry_on_status = { 500 } }),
  wanted = call("wanted", { expected_status = 503 }),
}
