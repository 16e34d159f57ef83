-- Documents that do not parse or are too deep are not sent; strangers and private addresses are told.
local function failure(params)
  params.endpoint = params.endpoint or Args[1] .. "/graphql"
  local ok, r = pcall(Tool.graphql_query, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind }
end
local deep = string.rep("{a", 1000) .. string.rep("}", 1000)
return {
  syntax = failure { input = "{ a(" },
  depth = failure { input = "{ a { b { c } } }", max_depth = 2 },
  nested = failure { input = deep },
  private = failure { endpoint = "http://10.0.0.1/", input = "{ a }" },
  stranger = failure { endpoint = Args[1] .. "/echo", input = "{ a }" },
  missing_service = failure { endpoint = Args[1] .. "/status/404", input = "{ a }" },
  name = failure { input = "query A { a } query B { b }" },
  wrong_kind = failure { operation = "subscription", input = "{ a }" },
  pages = failure { input = "{ a }", paginate = { path = "a" } },
  no_document = failure {},
  variables = failure { input = "{ a }", variables = "x" },
  unknown = failure { input = "{ a }", params = {} },
}
