-- Puts a URL together from parts, or replaces parts of one.
local new = Tool.url_analyzer {
  operation = "build", parts = { host = "a.example", port = 8080, path = "x y", query = { q = "a b" }, fragment = "top" },
}
local over = Tool.url_analyzer { operation = "build", input = "https://a.example/x?y=1", parts = { path = "/z" } }
local wrong = Tool.url_analyzer { operation = "build", parts = { host = "a.example", pfad = "x" } }
local odd = Tool.url_analyzer { operation = "build", parts = { host = "a.example", scheme = "http://evil.example/?" } }
local text = Tool.url_analyzer { operation = "build", parts = { host = "a.example", port = "80", fragment = "#x" } }
return {
  odd = { odd.success, odd.error_kind }, text = text.output, new = new.output, url = new.url, over = over.output,
  wrong = { wrong.success, wrong.error_kind, wrong.error },
}
