// Parameters that are missing or of the wrong type raise.
const failure = (params) => Tool.calculator(params).then(
  () => "not raised",
  (raised) => [raised.kind, raised.message],
);
export default {
  nothing: await failure({}),
  operand: await failure({ operation: "add", a: 1 }),
  type: await failure({ input: [1, 2] }),
  variable: await failure({ input: "x", variables: { x: "text" } }),
};
