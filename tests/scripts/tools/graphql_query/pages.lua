-- Page after page of a list.
local function ask(paginate)
  return Tool.graphql_query {
    endpoint = Args[1] .. "/graphql",
    input = "query ($after: String) { users(after: $after) { nodes pageInfo { hasNextPage endCursor } } }",
    paginate = paginate,
  }
end
local all, some, none = ask { path = "users" }, ask { path = "users", max_pages = 2 }, ask { path = "nobody" }
return {
  all = { all.output, all.metadata.pages },
  some = { some.output, #some.metadata.warnings },
  none = { none.success, none.error_kind },
}
