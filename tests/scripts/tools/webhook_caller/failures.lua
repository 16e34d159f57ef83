-- Refusals are not repeated; values that do not fit say so.
local function failure(params)
  params.input = params.input or Args[1] .. "/echo"
  local ok, r = pcall(Tool.webhook_caller, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind }
end
return {
  private = failure { input = "http://10.0.0.1/hook" },
  redirected = failure { input = Args[1] .. "/redirect_to?url=http://10.0.0.1/", method = "GET" },
  status = failure { input = Args[1] .. "/status/410" },
  slow = failure { input = Args[1] .. "/slow", timeout_ms = 100, retries = 0 },
  method = failure { method = "HEAD" },
  retries = failure { max_retries = 11 },
  preset = failure { preset = "irc", payload = "x" },
  message = failure { preset = "slack", payload = { nothing = 1 } },
  secret = failure { sign = { secret = "" } },
  digest = failure { sign = { secret = "s3cret-key", algorithm = "md5" } },
  no_secret = failure { sign = {} },
  injected = failure { idempotency_key = "a\r\nX-B: 2" },
  unknown = failure { pauload = {} },
  type = failure { max_retries = "many" },
}
