// Shows live what an agent does.
//
//   llmspell run examples/monitor.js
//
// The same from outside, without a line in the script: llmspell run --events '**' SPELL

const began = performance.now();
await Event.on("**", (/** @type {any} */ event) => {
  const { tool_name, model, agent_name, duration_ms } = event.data;
  const facts = tool_name ?? model ?? agent_name ?? "";
  const took = duration_ms === undefined ? "" : `${duration_ms.toFixed(1)} ms`;
  const at = ((performance.now() - began) / 1000).toFixed(3);
  console.log(`${at.padStart(6)} s  ${event.type.padEnd(28)} ${facts} ${took}`);
});

// The function is called whenever the script waits: here for the model, which takes a moment as real ones do.
const agent = await Agent.create({
  name: "clerk",
  model: "mock/any",
  tools: ["calculator"],
  settings: {
    responses: [
      { tool_calls: [{ name: "calculator", arguments: { input: "6 * 7" } }], delay_ms: 200 },
      { text: "It is 42.", delay_ms: 200 },
    ],
  },
});
console.log((await agent.execute("What is six times seven?")).text);

export {};
