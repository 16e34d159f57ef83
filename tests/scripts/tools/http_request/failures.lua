-- Private addresses, bombs, injected headers and slow servers; parameters of the wrong shape raise.
local function failure(params)
  params.input = params.input or Args[1] .. "/echo"
  params.retry = false
  local ok, r = pcall(Tool.http_request, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  private = failure { input = "http://10.0.0.1/" },
  metadata = failure { input = "http://169.254.169.254/latest/meta-data/" },
  decimal = failure { input = "http://167772161/" },
  scheme = failure { input = "file:///etc/passwd" },
  password = failure { input = "http://ann:open-sesame@127.0.0.1/" },
  bomb = failure { input = Args[1] .. "/bomb" },
  slow = failure { input = Args[1] .. "/slow", timeout_ms = 200 },
  injected = failure { headers = { ["X-A"] = "1\r\nX-B: 2" } },
  host = failure { headers = { Host = "elsewhere" } },
  no_url = failure { input = "example" },
  method = failure { method = "FETCH" },
  two_bodies = failure { method = "POST", body = "a", json = 1 },
  bytes = failure { method = "POST", json = { a = { "\255" } } },
  missing = (function() local ok, r = pcall(Tool.http_request, {}) return { ok, r.message } end)(),
  unknown = failure { heders = {} },
  type = failure { headers = "x" },
  auth = failure { auth = { type = "magic" } },
}
