// A help desk: one agent listens, and asks those who know, as often as it takes. They are tools to it.
//
//   llmspell run examples/patterns/supervisor.js ["the question"]
//
// No model is named; without a key the built-in offline model plays along. It calls a tool where it is told to by name,
// `billing_tool {"text": …}`, and repeats what it is asked otherwise.

const desk = Workflow.multiAgentSupervisor({
  name: "help_desk",
  supervisor: { name: "desk", system_prompt: "You answer customers. Ask a colleague whenever you are not sure, and answer in two sentences." },
  workers: [
    { name: "billing", description: "knows invoices and prices", system_prompt: "You know what things cost: a box 17, delivery 5." },
    { name: "shipping", description: "knows where parcels are", system_prompt: "You know that parcels take two days, to islands four." },
  ],
});

const result = await desk.execute(Args[0] ?? 'billing_tool {"text": "What do two boxes cost with delivery?"}');
for (const call of result.step_results[0].data.tool_calls) {
  console.log(`${call.name.padEnd(12)} ${call.arguments.text}`);
}
console.log(`${"desk".padEnd(12)} ${result.output}`);

export {};
