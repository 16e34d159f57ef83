// An export has the session, its numbers and all of its calls, in order; to a file as well.
const id = await Session.create({ name: "kept", metadata: { team: "blue" } });
await Tool.calculator({ input: "1 + 0" });
await Artifact.store(id, "tool_result", "a.txt", "text");
await Session.setCurrent(id);
await Tool.calculator({ input: "1 + 1" });
await (await Agent.create({ name: "ann", model: "mock/echo" })).execute("hi");
await Session.setCurrent(null);
await Tool.calculator({ input: "1 + 2" });
const whole = await Session.export(id);
const first = whole.operations[0];
const path = `/tmp/llmspell${(await Tool.uuid_generator({})).output.replaceAll("-", "")}.json`;
const written = await Session.export(id, { format: "json", path });
const read = JSON.parse((await Tool.file_operations({ operation: "read", path })).output);
await Tool.file_operations({ operation: "delete", path });
const failed = (...args) => Session.export(...args).catch((e) => `${e.kind}: ${e.message}`);
export default {
  session: [whole.session.id === id, whole.session.name, whole.session.custom_metadata.team, whole.session.status],
  stats: [whole.stats.operation_count, whole.stats.token_usage.total_tokens > 0],
  calls: whole.operations.map((call, i) => [
    call.operation, call.status, call.sequence === i + 1, call.parent_id !== undefined,
  ]),
  arguments: first.arguments, result: first.result.output, took: first.duration_ms >= 0,
  artifacts: [
    whole.artifacts === undefined, whole.session.artifact_count, whole.stats.total_artifact_size,
    (await Session.export(id, { include_artifacts: true })).artifacts[0].content,
  ],
  read: [written === path, read.session.name, read.operations.length],
  format: await failed(id, { format: "xml" }), missing: await failed("00000000-0000-4000-8000-000000000000"),
};
