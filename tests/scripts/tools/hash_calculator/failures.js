// Values that are not allowed are failures; missing parameters raise.
const failure = (params) => Tool.hash_calculator(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  algorithm: await failure({ input: "abc", algorithm: "sha257" }),
  encoding: await failure({ input: "xyz", input_encoding: "hex" }),
  input: await failure({}),
  expected: await failure({ operation: "verify", input: "abc" }),
  key: await failure({ operation: "hmac", input: "abc" }),
  type: await failure({ input: 5 }),
};
