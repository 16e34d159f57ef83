// The schema of a service, fetched once.
const params = { operation: "introspection", endpoint: Args[0] + "/graphql" };
const r = await Tool.graphql_query(params), again = await Tool.graphql_query(params);
const fresh = await Tool.graphql_query({ ...params, refresh: true });
export default {
  types: r.types,
  queries: r.queries,
  others: [r.mutations, r.subscriptions],
  root: r.schema.queryType.name,
  is_output: r.output.length,
  cached: [r.cached, again.cached, fresh.cached],
};
