// What is set is seen by the run alone.
const first = await Tool.environment_reader({ operation: "set", variable_name: "LLMSPELL_PUBLIC_OWN", value: "one" });
const again = await Tool.environment_reader({ operation: "set", variable_name: "LLMSPELL_PUBLIC_OWN", value: "two" });
const other = await Tool.environment_reader({ operation: "set", variable_name: "PATH", value: "/" });
export default { output: first.output, first: first.previous, again: again.previous,
  now: (await Tool.environment_reader({ name: "LLMSPELL_PUBLIC_OWN" })).output, other: other.error_kind };
