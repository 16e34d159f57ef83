-- An answer in full: JSON is a value.
local r = Tool.http_request { input = Args[1] .. "/json" }
return {
  envelope = { r.success, r.operation },
  output = r.output,
  status = { r.status_code, r.status, r.status_text, r.ok },
  content_type = r.content_type,
  url = r.url,
  redirects = #r.redirects,
  size = r.size,
  text = r.body_text,
  is_dated = r.timestamp:match("^%d+%-%d+%-%d+T") ~= nil,
  metadata = { r.metadata.url, r.metadata.status_code, r.metadata.attempts, r.metadata.bytes },
  is_timed = r.metadata.timing.first_byte_ms > 0,
  message = r.message:match("^GET http://site") ~= nil or r.message:match("^GET http://127") ~= nil,
}
