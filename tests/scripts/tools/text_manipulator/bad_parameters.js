// Parameters that are missing or of the wrong type raise.
const failure = (params) => Tool.text_manipulator(params).then(
  () => "not raised",
  (raised) => [raised.kind, raised.message],
);
export default {
  operation: await failure({ input: "x" }),
  input: await failure({ operation: "uppercase" }),
  option: await failure({ operation: "replace", input: "x", to: "y" }),
  type: await failure({ operation: "uppercase", input: ["x"] }),
  bytes: await failure({ operation: "uppercase", input: new Uint8Array([0xff]) }),
  number: await failure({ operation: "pad", input: "x", width: "wide" }),
};
