-- Tables become JSON, text stays as it is; forms, parts and base64.
local function sent(params)
  params.input, params.method = Args[1] .. "/echo", "POST"
  local echo = Tool.http_request(params).output
  return { echo.headers["content-type"], echo.body }
end
local parts = sent { multipart = { { name = "a", value = "x" }, { name = "b", value = 2 } } }
return {
  body = sent { body = { a = 1 } },
  json_text = sent { payload = '{"a": 1}' },
  text = sent { data = "plain" },
  own_type = sent { body = "<a/>", headers = { ["Content-Type"] = "application/xml" } },
  json = sent { json = "text" },
  form = sent { form = { q = "a b&c" } },
  base64 = sent { body = "aGVsbG8=", body_encoding = "base64" },
  parts = { parts[1]:match("^multipart/form%-data; boundary=") ~= nil, parts[2]:match('name="b"\r\n\r\n2\r\n') ~= nil },
}
