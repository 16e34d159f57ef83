// A query with variables; errors alone are a failure.
const ask = (query, variables) => Tool.graphql_query({ endpoint: Args[0] + "/graphql", query, variables });
const r = await ask("query Hello($name: String) { hello(name: $name) }", { name: "ann" });
const broken = await ask("{ broken }");
export default {
  envelope: [r.success, r.operation],
  output: r.output,
  data: [r.data.data, r.has_errors, r.errors, r.status_code, r.data.result.data.hello],
  broken: [broken.success, broken.error_kind, broken.error, broken.errors],
  status_code: r.metadata.status_code,
};
