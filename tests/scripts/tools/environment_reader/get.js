// One variable, several, and one that is not set.
const one = await Tool.environment_reader({ variable_name: "PATH" });
const several = await Tool.environment_reader({ operation: "get",
  variables: ["PATH", "LLMSPELL_PUBLIC_NONE", "API_KEY"] });
const none = await Tool.environment_reader({ name: "LLMSPELL_PUBLIC_NONE", default: "x" });
export default { operation: one.operation, found: one.found, same: one.output === one.value, kind: typeof one.value,
  missing: several.missing, denied: several.denied, default: none.output, none: none.found };
