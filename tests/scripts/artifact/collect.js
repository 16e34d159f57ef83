// Long answers become artifacts unasked, and the collecting hooks keep results and failures.
const sid = await Session.create();
await Session.setCurrent(sid);
const ann = await Agent.create({ name: "ann", model: "mock/echo" });
const long = await ann.execute("word ".repeat(1000));
const short = await ann.execute("short");
const auto = await Artifact.get(sid, long.metadata.artifacts[0]);
await Hook.enableBuiltin("ToolResultCollector", { min_size: 5, auto_tags: ["mine"] });
await Hook.enableBuiltin("AgentOutputCollector", { min_size: 5, max_size: 100, collect_errors: false });
await Tool.text_manipulator({ operation: "uppercase", input: "hello world" });
await Tool.calculator({ input: "1" });
await Tool.calculator({ input: "1 / 0" });
await ann.execute("a few words");
await ann.execute("many words ".repeat(50));
const collected = [];
for (const m of await Artifact.query({ session_id: sid, type: "tool_result" })) {
  collected.push({ by: m.created_by, tags: m.tags, mime: m.mime_type, success: m.custom.success, content: m.size < 20 ? await Artifact.get_content(sid, m) : "long" });
}
const answers = [];
for (const m of await Artifact.query({ session_id: sid, tags: ["auto-collected"] })) answers.push(await Artifact.get_content(sid, m));
let wrong;
try { await Hook.enableBuiltin("ToolResultCollector", { sampling_rate: 2 }); } catch (e) { wrong = e.kind; }
const never = await Session.create({ config: { auto_collect_artifacts: false } });
await Session.setCurrent(never);
const other = await ann.execute("word ".repeat(1000));
export default {
  auto: { name: auto.name.replace(/-.*/, "-ID"), type: auto.artifact_type, by: auto.created_by, same: auto.content === long.text },
  short: short.metadata.artifacts === undefined,
  collected,
  answers,
  wrong,
  never: [other.metadata.artifacts === undefined, (await Artifact.list(never, { tags: [] })).length],
};
