// A first spell: an agent that calls tools, streams its answer, gives structured data, and works beside others.
//
// It names no model. Without any key it plays with the built-in offline model; with OPENAI_API_KEY (or
// ANTHROPIC_API_KEY, GEMINI_API_KEY, …) set, the same file talks to a real one.

// 1. An agent may call the tools it is given. `take_note` is a tool of our own, written right here.
/** @type {string[]} */
const notes = [];
const clerk = await Agent.create({
  name: "clerk",
  system_prompt: "You are a careful clerk. Use the tools you are told to use, then say what they gave.",
  tools: [
    "calculator",
    "hash_calculator",
    {
      name: "take_note",
      description: "Writes a line into the notebook",
      parameters: [{ name: "line", type: "string", required: true }],
      execute(/** @type {{ line: string }} */ { line }) {
        notes.push(line);
        return `noted: ${line}`;
      },
    },
  ],
});

// 2. The answer arrives piece by piece. Tool calls of one turn run at the same time.
console.log("--- streaming, with tools");
const answer = await clerk.invokeStream(
  `Please make these calls:
CALL:calculator:{"input":"17 * 23"}
CALL:hash_calculator:{"input":"llmspell","algorithm":"sha256"}
CALL:take_note:{"line":"ordered 23 boxes of 17"}
`,
  (chunk) => console.write(chunk.text),
);
console.log();
for (const call of answer.tool_calls) {
  console.log(`${call.name.padEnd(16)} -> ${String(call.result).slice(0, 40)}`);
}
console.log(`turns: ${answer.turns}, notes: ${notes.length}`);

// 3. Structured data: the answer is validated against a JSON Schema, and asked for again when it does not fit.
console.log("--- structured answer");
try {
  const invoice = await clerk.execute({
    prompt: "Fill in an invoice for 23 boxes.",
    schema: {
      type: "object",
      properties: { customer: { type: "string" }, boxes: { type: "integer", minimum: 0 } },
      required: ["customer", "boxes"],
    },
  });
  console.log(JSON.stringify(invoice.data, ["boxes", "customer"]));
} catch (error) {
  console.log(`no valid answer: ${error instanceof Error ? error.message : error}`);
}

// 4. Promises run beside each other; results come back in order.
console.log("--- three questions at once");
const writer = await Agent.create({ name: "writer", system_prompt: "You answer in one short sentence." });
const texts = await Promise.all([
  writer.execute("What is a spell?"),
  Tool.text_manipulator({ operation: "uppercase", input: "tools work without an agent" }),
  Tool.date_time_handler({ operation: "add", input: "2026-01-31", amount: 1, unit: "months" }),
]);
texts.forEach((text, at) => console.log(`${at + 1}\t${text}`));

// 5. A workflow is a plan that is checked before it runs: steps see what came before them, branches run at the same time.
console.log("--- a workflow");
const order = Workflow.sequential({
  name: "order",
  steps: [
    { name: "price", tool: "calculator", input: { input: "{{input:boxes}} * 17" } },
    {
      name: "labels",
      type: "parallel",
      branches: [
        { name: "upper", tool: "text_manipulator", input: { operation: "uppercase", input: "{{input:customer}}" } },
        { name: "mark", tool: "hash_calculator", input: { input: "{{input:customer}}", algorithm: "md5" } },
      ],
    },
    {
      name: "say",
      execute: (/** @type {any} */ ctx) => `${ctx.steps.labels.output.upper} pays ${ctx.steps.price.output}`,
    },
  ],
});
const ordered = await order.execute({ boxes: 23, customer: "acme" });
console.log(`${ordered.output} (${ordered.data.steps_executed} steps)`);

// 6. What is worth keeping is an artifact of a session. `llmspell artifact get order.md` prints it again.
console.log("--- an artifact");
const session = await Session.create({ name: "quickstart" });
await Artifact.store(session, "report", "order.md", `# Order\n\n${ordered.output}\n`, { tags: ["order"] });
for (const kept of await Artifact.list(session)) {
  console.log(`${kept.name}, version ${kept.version}, ${kept.mime_type}, ${kept.size} bytes`);
}
await Session.complete(session);

// 7. What a spell exports by default is its result.
export default { notes, tokens: answer.usage.total_tokens, turns: answer.turns };
