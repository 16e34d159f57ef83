// What the policy hides, what needs a higher level, and parameters that are wrong.
const failure = (params) => Tool.environment_reader(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  denied: await failure({ name: "API_KEY" }),
  set: await failure({ operation: "set", name: "LLMSPELL_PUBLIC_X", value: "1" }),
  brace: await failure({ operation: "expand", input: "${PATH" }),
  missing: await failure({ operation: "get" }),
  unknown: await failure({ nmae: "PATH" }),
};
