// MockProvider: agents answer from a file, which record_mode makes.
const file = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "") + "/answers.json";
await Tool.file_operations({ operation: "write", path: file, input: '[{"prompt": "hi", "response": "written"}, {"prompt": "two", "agent_name": "bob", "response": {"text": "of bob", "finish_reason": "made"}}]' });
async function ask(name, prompt) {
  const agent = (await Agent.get(name)) ?? (await Agent.create({ name, model: "mock/echo" }));
  try {
    const r = await agent.execute(prompt);
    return [r.text, r.finish_reason, r.turns];
  } catch (e) {
    return [e.kind, e.message.replaceAll(file, "FILE")];
  }
}
async function using(config, act) {
  await Hook.enableBuiltin("MockProvider", { ...config, mock_file: file });
  const outcome = await act();
  await Hook.disableBuiltin("MockProvider");
  return outcome;
}
const strict = await using({}, async () => [await ask("ann", "hi"), await ask("ann", "other")]);
const real = await using({ fallback_to_real: true }, () => ask("ann", "other"));
const by_name = await using({ match_on: ["prompt", "agent_name"] }, async () => [await ask("bob", "two"), await ask("ann", "two")]);
const off = await using({ enabled: false }, () => ask("ann", "hi"));
const recorded = await using({ record_mode: true }, async () => [await ask("ann", "new"), await ask("ann", "new")]);
const answered = await using({}, () => ask("eve", "new"));
let missing;
try { await Hook.enableBuiltin("MockProvider"); } catch (e) { missing = [e.kind, e.message]; }
await Tool.file_operations({ operation: "delete", path: file });
export default { strict, real, by_name, off, recorded, answered, missing };
