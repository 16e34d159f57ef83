// What tokens refer to: steps at every depth, branches, loops, files; what they are inserted as, and what is left alone.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({ format: "simple" })).output;
await Tool.file_operations({ operation: "write", path: base + "/note.txt", input: "from a file" });
const use = (input) => ({ name: "use", input: { v: input }, execute: (ctx) => ({ output: ctx.params.v }) });
const wf = (token) => Workflow.sequential({ name: "w", steps: [
  { name: "sum", tool: "calculator", input: { input: "40 + 2" } },
  { name: "seq", type: "sequential", steps: [{ name: "deep", type: "parallel", branches: [{ name: "eu", steps: [{ name: "price", execute: () => ({ eur: 5 }) }] }] }] },
  { name: "cond", type: "conditional", branches: [{ name: "yes", steps: [{ name: "said", execute: () => "hello" }] }] },
  { name: "loop", type: "loop", iterator: { range: { start: 1, end: 3 } }, body: [{ name: "turn", execute: (ctx) => ctx.current_item }] },
  { name: "skipped", skip_condition: "always", execute: () => 1 },
  { name: "bad", execute: () => { throw { kind: "conflict", message: "lost" }; }, on_error: () => "continue" },
  { name: "braces", execute: () => "{{step:sum:output}}" },
  { name: "odd name", execute: () => ({ "a b": 1, list: [[1, 2], { x: "y" }], n: 2.0, t: true }) },
  use(token),
] });
const resolve = async (token, input = { rows: [1, 2], name: "Ann", zero: 0, none: "" }) => {
  const r = await wf(token).execute(input);
  return r.error ? r.error.kind : r.output;
};
const looped = Workflow.loop({ name: "l", iterator: { collection: [{ id: 1, name: "a" }, { id: 2, name: "b" }] }, aggregation_strategy: "collect_outputs", body: [
  use("{{loop:current_item.name}}{{loop:current_value.id}} {{loop:current_index}}{{loop:loop_index}}{{loop:iteration}} {{loop.current_item.name}}{{loop.current_index}}"),
] });
const nested = Workflow.loop({ name: "l", iterator: { collection: ["x"] }, aggregation_strategy: "collect_outputs", body: [
  { name: "i", type: "loop", iterator: { collection: ["y"] }, body: [
    { name: "j", type: "loop", iterator: { collection: ["z"] }, body: [use("{{loop:parent.parent.current_item}}{{loop:parent.current_item}}{{loop:current_item}}")] },
  ] },
] });
const post = Workflow.parallel({ name: "p", branches: [{ name: "l", steps: [{ name: "n", execute: () => ({ k: [7] }) }] }], post_steps: [
  { name: "q", input: { a: "{{branch:l:n:output.k[0]}}", b: "{{branch:l:n:success}}" }, execute: (ctx) => ({ output: ctx.params }) },
] });
const missing_branch = Workflow.parallel({ name: "p", branches: [{ name: "l", steps: [] }], post_steps: [use("{{branch:r:n:output}}")] });
const unknown = await wf("{{ step:summ:output | upper }}").execute();
const keys = await Workflow.sequential({ name: "k", steps: [{ name: "s", input: { "{{input:n}}": ["{{input:n}}", { inner: "{{input:n}}" }] }, execute: (ctx) => ({ output: ctx.params }) }] }).execute({ n: 4 });
const data = await resolve("{{step:sum:data}}");
const files = [await resolve(`{{file:${base}/note.txt}}`), await resolve(`{{file:${base}/nowhere.txt}}`)];
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default {
  access: [await resolve("{{step:sum:output}}"), await resolve("{{step:sum:text}}"), await resolve("{{step:sum:success}}"), Number.isInteger(await resolve("{{step:sum:duration_ms}}")), typeof data === "object" ? "table" : typeof data],
  depth: [await resolve("{{step:seq:deep:eu:price:output.eur}}"), await resolve("{{step:cond:yes:said:output}}"), await resolve("{{step:loop:turn:output}}"), await resolve("{{step:loop:output}}")],
  spaces: [await resolve("{{ step: sum :output | to_json }}"), await resolve("{{step:odd name:output.a b}}"), await resolve("{{step:odd name:output.list[1].x}}"), await resolve("{{step:odd name:output.list[0][1]}}")],
  text: [await resolve("n={{step:odd name:output.n}} t={{step:odd name:output.t}} l={{step:odd name:output.list}} m={{step:seq:deep:eu:price:output}} nothing={{step:skipped:output}}")],
  null: [await resolve("{{step:skipped:output | default:none}}"), await resolve("{{step:bad:output | default:none}}"), await resolve("{{step:odd name:output.missing | default:gone}}"), await resolve("{{input:none | default:empty}}")],
  error: [await resolve("{{step:bad:error}}"), await resolve("{{step:bad:error.kind}}"), await resolve("{{step:bad:success}}")],
  again: await resolve("{{step:braces:output}} stays"), file: files,
  choices: [
    await resolve("{{input:zero ? 'some' : 'zero'}}"), await resolve("{{input:rows ? 1 : 2}}"), await resolve("{{input:none ? true : false}}"), await resolve("{{input:rows | length ? 'has {{input:rows | length}}' : 'none'}}"),
    await resolve("{{step:bad:success ? {{step:bad:output}} : {{step:sum:output}}}}"), await resolve("{{input:name ? 'it\\'s {{input:name}}' : ''}}"),
  ],
  filters: [await resolve("{{input:rows | first}}"), await resolve("{{input:rows | last}}"), await resolve("{{input:rows | join:-}}"), await resolve("{{input:name | upper | lower | length}}"), await resolve("{{step:odd name:output.list | json_query:$[1].x}}"), await resolve("{{input: | to_json}}", { n: 1 })],
  malformed: [await resolve("{{step:}}"), await resolve("{{step:sum:outputs}}"), await resolve("{{random:5:1}}"), await resolve("{{input:name | shout}}"), await resolve("{{state:}}"), await resolve("{{loop:index}}")],
  left: [await resolve("{{name}} {{ user.name }} {{#if x}}{{/if}}"), await resolve("\\{{step:sum:output}}")],
  unknown: [unknown.error.kind, unknown.error.message, unknown.error.hints, unknown.error.details.token],
  looped: (await looped.execute()).data.aggregated_results, nested: (await nested.execute()).output, post: (await post.execute()).output, missing_branch: (await missing_branch.execute()).error.kind, keys: keys.output,
};
