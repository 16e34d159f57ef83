-- Bodies are read by their type, or as asked.
local function get(path, response_type)
  return Tool.http_request { input = Args[1] .. path, response_type = response_type }
end
local bytes = get("/bytes/200")
local cut = Tool.http_request { input = Args[1] .. "/json", max_bytes = 5 }
return {
  latin1 = get("/latin1").output,
  gzip = get("/gzip").output,
  bytes = { bytes.body_encoding, #bytes.output, bytes.size },
  text = get("/json", "text").output:sub(1, 7),
  base64 = get("/json", "base64").output:sub(1, 4),
  json = { get("/html", "json").success, get("/html", "json").error_kind },
  cookies = get("/cookies").headers["set-cookie"],
  cut = { cut.output, cut.metadata.truncated },
}
