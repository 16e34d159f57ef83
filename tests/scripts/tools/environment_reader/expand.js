// Variables in a text, with defaults.
const r = await Tool.environment_reader({ operation: "expand",
  input: "<$LLMSPELL_PUBLIC_A|${LLMSPELL_PUBLIC_B:-b}|$5>" });
export default { value: r.value, output: r.output, missing: r.missing };
