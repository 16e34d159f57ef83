// A wait without changes ends in time; with a limit in seconds as well.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: base + "/a", input: "x" });
const r = await Tool.file_watcher({ operation: "watch", input: base, timeout_ms: 20 });
const s = await Tool.file_watcher({ operation: "wait", path: base + "/a", duration: 0.02 });
const result = {
  r: [r.success, r.events, r.event_count, r.timed_out, r.dropped, r.output],
  s: s.timed_out,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
