-- The signature is what the receiver computes over the bytes that it gets.
local function call(sign, payload)
  local r = Tool.webhook_caller { input = Args[1] .. "/echo", payload = payload, sign = sign }
  return r.output.headers
end
local function hmac(input, algorithm)
  return Tool.hash_calculator { operation = "hmac", input = input, key = "s3cret-key", algorithm = algorithm or "sha256" }.output
end
local timed = call({ secret = "s3cret-key", timestamp_header = "X-Time", header = "X-Sign", format = "{hex}" }, "event")
return {
  usual = call({ secret = "s3cret-key" }, "event")["x-signature-256"] == "sha256=" .. hmac("event"),
  table = call({ secret = "s3cret-key" }, { a = 1 })["x-signature-256"] == "sha256=" .. hmac('{"a":1}'),
  sha1 = call({ secret = "s3cret-key", algorithm = "sha1", header = "X-Hub" }, "event")["x-hub"] == "sha1=" .. hmac("event", "sha1"),
  timed = timed["x-sign"] == hmac(timed["x-time"] .. ".event"),
  github = Tool.webhook_caller {
    input = Args[1] .. "/echo", payload = "Hello, World!", sign = { secret = "It's a Secret to Everybody" },
  }.output.headers["x-signature-256"],
}
