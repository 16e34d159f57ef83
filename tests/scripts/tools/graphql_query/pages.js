// Page after page of a list.
const ask = (paginate) =>
  Tool.graphql_query({
    endpoint: Args[0] + "/graphql",
    input: "query ($after: String) { users(after: $after) { nodes pageInfo { hasNextPage endCursor } } }",
    paginate,
  });
const all = await ask({ path: "users" }), some = await ask({ path: "users", max_pages: 2 }), none = await ask({ path: "nobody" });
export default {
  all: [all.output, all.metadata.pages],
  some: [some.output, some.metadata.warnings.length],
  none: [none.success, none.error_kind],
};
