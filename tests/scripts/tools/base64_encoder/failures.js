// Bad text is a failure of kind parse with its offset; missing parameters raise.
const failure = (params) => Tool.base64_encoder(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
const { offset } = (await Tool.base64_encoder({ operation: "decode", input: "aG*s" })).metadata.details;
export default {
  text: await failure({ operation: "decode", input: "aG*s" }),
  offset,
  codec: await failure({ input: "x", codec: "base99" }),
  input: await failure({}),
  type: await failure({ input: [1] }),
};
