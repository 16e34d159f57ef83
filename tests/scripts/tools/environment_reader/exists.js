// Whether a variable is set.
export default {
  yes: (await Tool.environment_reader({ operation: "exists", name: "PATH" })).output,
  no: (await Tool.environment_reader({ operation: "exists", name: "LLMSPELL_PUBLIC_NONE" })).exists,
};
