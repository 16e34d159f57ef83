-- Encodes text or bytes.
local r = Tool.base64_encoder { input = "hello?>" }
local function encoded(params)
  params.input = params.input or "hello?>"
  return Tool.base64_encoder(params).output
end
return {
  data = r.data,
  output = r.output,
  url_safe = encoded { variant = "url-safe" },
  url_safe_flag = encoded { url_safe = true, padding = false },
  bytes = encoded { input = "\xff\xfe" },
  hex_digits = encoded { input = "fffe", binary_input = true },
  data_uri = encoded { input = "hi", data_uri = "text/plain" },
  base32 = encoded { codec = "base32" },
  base58 = encoded { codec = "base58" },
  hex = encoded { codec = "hex" },
  empty = encoded { input = "" },
}
