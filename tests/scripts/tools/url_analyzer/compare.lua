-- Says whether two URLs are the same, and what differs.
local same = Tool.url_analyzer { operation = "compare", input = "http://A.example:80", with = "http://a.example/" }
local other = Tool.url_analyzer { operation = "compare", input = "http://a.example/x", with = "https://a.example/x" }
return {
  same = { same.output, same.same_origin, #same.differences },
  other = { other.output, other.same_origin, other.differences },
}
