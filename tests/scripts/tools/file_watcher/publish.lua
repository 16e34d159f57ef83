-- A running watch publishes what it sees on the event bus; the facts are those that a poll tells.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/a.md", input = "x" }
local id = Event.subscribe("docs.*")
local started = Tool.file_watcher {
  operation = "start", input = base, debounce_ms = 10, pattern = "*.md", events = "created", publish = "docs.changed",
}
Tool.file_operations { operation = "write", path = base .. "/new.md", input = "xyz" }
local event = Event.receive(id, 10000)
local polled = Tool.file_watcher { operation = "poll", watch_id = started.watch_id }
Tool.file_watcher { operation = "stop", watch_id = started.watch_id }
local nameless = Tool.file_watcher { operation = "start", input = base, publish = "" }
Tool.file_operations { operation = "delete", path = base, recursive = true }
return {
  event = { event.type, event.source.component, event.language },
  facts = { event.data.kind, (event.data.path:gsub(base, "BASE")), event.data.size, event.data.is_dir },
  polled = { polled.event_count, polled.events[1].path == event.data.path, polled.metadata.warnings == nil },
  nameless = nameless.error_kind,
}
