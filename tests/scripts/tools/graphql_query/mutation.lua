-- A mutation is sent as one, and only as one.
local params = { endpoint = Args[1] .. "/graphql", input = "mutation Add($name: String) { added(name: $name) }", variables = { name = "ann" } }
local as_query = Tool.graphql_query(params)
params.operation = "mutation"
local r = Tool.graphql_query(params)
return { done = { r.success, r.operation, r.output }, as_query = { as_query.success, as_query.error_kind } }
