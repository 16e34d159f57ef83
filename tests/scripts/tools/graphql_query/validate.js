// A document is checked without a service.
const check = (input, max_depth) => Tool.graphql_query({ operation: "validate", input, max_depth });
const good = await check("query A { a { b } } mutation B { c }");
export default {
  good: [good.success, good.output, good.valid, good.depth],
  operations: good.operations,
  syntax: (await check("{ a(")).errors[0].line,
  fragment: (await check("{ ...F }")).errors,
  deep: (await check("{ a { b } }", 1)).valid,
};
