-- A query with variables; errors alone are a failure.
local function ask(input, variables)
  return Tool.graphql_query { endpoint = Args[1] .. "/graphql", query = input, variables = variables }
end
local r = ask("query Hello($name: String) { hello(name: $name) }", { name = "ann" })
local broken = ask("{ broken }")
return {
  envelope = { r.success, r.operation },
  output = r.output,
  data = { r.data.data, r.has_errors, r.errors, r.status_code, r.data.result.data.hello },
  broken = { broken.success, broken.error_kind, broken.error, broken.errors },
  status_code = r.metadata.status_code,
}
