-- What does no harm is sent again, everything else only if asked.
local fast = { initial_delay_ms = 1, jitter = false }
local function ask(name, method, retry)
  local r = Tool.http_request { input = Args[1] .. "/flaky/http-lua-" .. name .. "/2", method = method, retry = retry }
  return { r.status_code, r.metadata.attempts }
end
return {
  get = ask("get", "GET", fast),
  post = ask("post", "POST"),
  post_asked = ask("asked", "POST", fast),
  never = ask("never", "GET", false),
  twice = ask("twice", "GET", { max_attempts = 2 }),
}
