// A mutation is sent as one, and only as one.
const params = { endpoint: Args[0] + "/graphql", input: "mutation Add($name: String) { added(name: $name) }", variables: { name: "ann" } };
const as_query = await Tool.graphql_query(params);
const r = await Tool.graphql_query({ ...params, operation: "mutation" });
export default { done: [r.success, r.operation, r.output], as_query: [as_query.success, as_query.error_kind] };
