// An agent asks `on_error` what to do about a failure: another answer, another attempt, or nothing.
const agent = await Agent.create({ name: "ann", model: "openai/gpt-4o" });
let attempts = 0;
const other = await agent.execute({ text: "hi", on_error: (raised) => ({ text: `no luck: ${raised.kind}` }) });
const again = await agent.execute({ text: "hi", on_error: async () => {
  attempts += 1;
  return { retry: true, max_attempts: 3, delay_ms: 1 };
} }).catch((raised) => raised);
const passed = await agent.execute({ text: "hi", on_error: () => {} }).catch((raised) => raised);
export default { other: other.text, attempts, again: again.kind, passed: passed.kind };
