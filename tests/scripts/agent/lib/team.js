// A poet, a cook and an echo.
for (const [name, description] of [["poet", "writes poems"], ["cook", "cooks soup"]]) {
  await Agent.create({ name, description, model: "mock/echo", system_prompt: name });
}
await Agent.create({ name: "loud", agent_type: "basic" });

// Makes a composite of agents that routes in the given way.
export function composite(routing, names) {
  return Agent.createComposite(`${routing} team`, names, { routing_strategy: routing });
}

// Returns what a composite answers, and who answered.
export async function ask(composite, input) {
  const answer = await composite.execute(input);
  return { text: answer.text, delegates: answer.metadata.delegates };
}
