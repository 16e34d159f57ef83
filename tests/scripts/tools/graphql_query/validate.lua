-- A document is checked without a service.
local function check(input, max_depth)
  return Tool.graphql_query { operation = "validate", input = input, max_depth = max_depth }
end
local good = check("query A { a { b } } mutation B { c }")
return {
  good = { good.success, good.output, good.valid, good.depth },
  operations = good.operations,
  syntax = check("{ a(").errors[1].line,
  fragment = check("{ ...F }").errors,
  deep = check("{ a { b } }", 1).valid,
}
