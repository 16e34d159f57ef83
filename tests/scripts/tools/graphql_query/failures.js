// Documents that do not parse or are too deep are not sent; strangers and private addresses are told.
const failure = (params) =>
  Tool.graphql_query({ endpoint: Args[0] + "/graphql", ...params }).then(
    (r) => [r.success, r.error_kind],
    (raised) => ["raised", raised.kind],
  );
const deep = "{a".repeat(1000) + "}".repeat(1000);
export default {
  syntax: await failure({ input: "{ a(" }),
  depth: await failure({ input: "{ a { b { c } } }", max_depth: 2 }),
  nested: await failure({ input: deep }),
  private: await failure({ endpoint: "http://10.0.0.1/", input: "{ a }" }),
  stranger: await failure({ endpoint: Args[0] + "/echo", input: "{ a }" }),
  missing_service: await failure({ endpoint: Args[0] + "/status/404", input: "{ a }" }),
  name: await failure({ input: "query A { a } query B { b }" }),
  wrong_kind: await failure({ operation: "subscription", input: "{ a }" }),
  pages: await failure({ input: "{ a }", paginate: { path: "a" } }),
  no_document: await failure({}),
  variables: await failure({ input: "{ a }", variables: "x" }),
  unknown: await failure({ input: "{ a }", params: {} }),
};
