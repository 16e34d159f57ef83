-- A host that keeps failing is left alone for a while; nonsense counts for nothing.
local function ask(path) return Tool.http_request { input = Args[1] .. path, timeout_ms = 200 } end
ask("/slow")
ask("/slow")
local refused = ask("/status/200")
local nonsense
for _ = 1, 4 do nonsense = Tool.base64_encoder { operation = "decode", input = "***" } end
return {
  refused = { refused.success, refused.error_kind, refused.error:find("circuit breaker open") ~= nil, refused.error:find("127.0.0.1") ~= nil },
  nonsense = nonsense.error:find("circuit") == nil,
}
