// A filter that does not compile, one that fails, one that never ends; missing parameters raise.
const failure = (params) => Tool.json_processor(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  syntax: await failure({ input: {}, query: ".a[" }),
  run_time: await failure({ input: { a: 1 }, query: ".a.b.c" }),
  endless: await failure({ input: {}, query: "[range(0; 1000000000)] | length" }),
  recursion: await failure({ input: {}, query: "def f: f + 1; f" }),
  environment: await failure({ input: {}, query: "env" }),
  files: await failure({ input: {}, query: "input_filename" }),
  operation: await failure({ input: {}, operation: "qurey" }),
  schema: await failure({ operation: "validate", input: {} }),
  path: await failure({ operation: "set", input: {}, value: 1 }),
  value: await failure({ operation: "set", input: {}, path: ".a" }),
  input: await failure({ query: "." }),
  type: await failure({ input: {}, indent: "wide" }),
};
