// Summarises files at the same time, then makes one summary of the summaries.
//
//   llmspell run examples/map_reduce.js notes/*.txt
//
// It shows branches that are made from data, tokens that read files, a limit on how many run at once, a branch that may
// fail, and a step after the join. Without arguments it writes three files of its own, and takes them away again.

const files = [...Args];
let own = null;
if (files.length === 0) {
  own = "map_reduce_notes";
  const texts = {
    monday: "Rain all day. The pump in the cellar ran from noon.",
    tuesday: "The pump stopped at three. We carried water until five.",
    wednesday: "A new pump came. It is louder, and it works.",
  };
  for (const [day, text] of Object.entries(texts)) {
    const path = `${own}/${day}.txt`;
    await Tool.file_operations({ operation: "write", path, input: text });
    files.push(path);
  }
}

await Agent.create({ name: "reader", system_prompt: "You summarise a text in one sentence." });
await Agent.create({ name: "editor", system_prompt: "You make one short paragraph of several summaries." });

const branches = files.map((path, at) => ({
  name: `file_${at + 1}`,
  agent: "reader",
  prompt: `Summarise:\n\n{{file:${path}}}`,
  required: false,
}));
const summaries = branches.map(({ name }, at) => `${files[at]}: {{branch:${name}:${name}:text | default:could not be read}}`);

const result = await Workflow.parallel({
  name: "map_reduce",
  max_concurrency: 3,
  branches,
  post_steps: [
    { name: "reduce", agent: "editor", prompt: `Make one paragraph of these:\n\n${summaries.join("\n")}` },
  ],
}).execute();

if (own) {
  await Tool.file_operations({ operation: "delete", path: own, recursive: true });
}
console.log(result.success ? result.output : result.error.message);
export default { files: files.length, summarised: result.data.successful_branches };
