// A watch goes on beside the calls and keeps what happened; stopping it gives the rest.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a", input: "x" });
const started = await Tool.file_watcher({ operation: "start", input: base, debounce_ms: 10, events: ["create", "delete"] });
await Tool.file_watcher({ operation: "watch", input: base + "/a", timeout_ms: 20 });
await Tool.file_operations({ operation: "write", path: base + "/new", input: "x" });
await Tool.file_watcher({ operation: "watch", input: base + "/a", timeout_ms: 1000 });
const polled = await Tool.file_watcher({ operation: "poll", watch_id: started.watch_id });
const list = await Tool.file_watcher({ operation: "list" });
await Tool.file_operations({ operation: "delete", path: base + "/new" });
await Tool.file_watcher({ operation: "watch", input: base + "/a", timeout_ms: 1000 });
const stopped = await Tool.file_watcher({ operation: "stop", watch_id: started.watch_id });
const gone = await Tool.file_watcher({ operation: "get_changes", watch_id: started.watch_id });
const result = {
  id: started.output,
  polled: [polled.event_count, polled.events[0].kind, polled.events[0].event_type, plain(polled.events[0].path), polled.events[0].is_dir, polled.events[0].size, polled.changes.length, polled.dropped, polled.active],
  list: [list.watches[0].watch_id, plain(list.watches[0].paths), list.watches[0].queued],
  stopped: [stopped.output, stopped.events[0].kind, plain(stopped.events[0].path)],
  gone: gone.error_kind,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
