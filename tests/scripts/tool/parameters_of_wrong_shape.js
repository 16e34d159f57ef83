// Parameters that are unknown, missing or of the wrong type raise before the tool runs.
const failure = (params) => Tool.invoke("hash_calculator", params).then(
  (result) => ({ raised: false, error: result.error }),
  (raised) => ({ kind: raised.kind, message: raised.message, op: raised.op, hints: raised.hints }),
);
export default {
  unknown: await failure({ inptu: "abc" }),
  missing: await failure({ algorithm: "md5" }),
  missing_for_operation: await failure({ operation: "verify", input: "abc" }),
  wrong_type: await failure({ input: "abc", format: [1] }),
  no_table: await failure("abc"),
};
