-- The schema of a service, fetched once.
local params = { operation = "introspection", endpoint = Args[1] .. "/graphql" }
local r, again = Tool.graphql_query(params), Tool.graphql_query(params)
params.refresh = true
local fresh = Tool.graphql_query(params)
return {
  types = r.types,
  queries = r.queries,
  others = { r.mutations, r.subscriptions },
  root = r.schema.queryType.name,
  is_output = #r.output,
  cached = { r.cached, again.cached, fresh.cached },
}
