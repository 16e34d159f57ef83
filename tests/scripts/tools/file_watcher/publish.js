// A running watch publishes what it sees on the event bus; the facts are those that a poll tells.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: base + "/a.md", input: "x" });
const id = await Event.subscribe("docs.*");
const started = await Tool.file_watcher({
  operation: "start", input: base, debounce_ms: 10, pattern: "*.md", events: "created", publish: "docs.changed",
});
await Tool.file_operations({ operation: "write", path: base + "/new.md", input: "xyz" });
const event = await Event.receive(id, 10000);
const polled = await Tool.file_watcher({ operation: "poll", watch_id: started.watch_id });
await Tool.file_watcher({ operation: "stop", watch_id: started.watch_id });
const nameless = await Tool.file_watcher({ operation: "start", input: base, publish: "" });
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default {
  event: [event.type, event.source.component, event.language],
  facts: [event.data.kind, event.data.path.replaceAll(base, "BASE"), event.data.size, event.data.is_dir],
  polled: [polled.event_count, polled.events[0].path === event.data.path, polled.metadata.warnings == null],
  nameless: nameless.error_kind,
};
