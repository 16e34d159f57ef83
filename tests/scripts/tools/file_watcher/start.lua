-- A watch goes on beside the calls and keeps what happened; stopping it gives the rest.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
local function plain_text(text)
  return (text:gsub(base, "BASE"))
end
local function plain(value)
  if type(value) == "table" then
    local list = {}
    for index, text in ipairs(value) do
      list[index] = plain_text(text)
    end
    return list
  end
  return plain_text(value)
end
Tool.file_operations { operation = "write", path = base .. "/a", input = "x" }
local started = Tool.file_watcher { operation = "start", input = base, debounce_ms = 10, events = { "create", "delete" } }
Tool.file_watcher { operation = "watch", input = base .. "/a", timeout_ms = 20 }
Tool.file_operations { operation = "write", path = base .. "/new", input = "x" }
Tool.file_watcher { operation = "watch", input = base .. "/a", timeout_ms = 1000 }
local polled = Tool.file_watcher { operation = "poll", watch_id = started.watch_id }
local list = Tool.file_watcher { operation = "list" }
Tool.file_operations { operation = "delete", path = base .. "/new" }
Tool.file_watcher { operation = "watch", input = base .. "/a", timeout_ms = 1000 }
local stopped = Tool.file_watcher { operation = "stop", watch_id = started.watch_id }
local gone = Tool.file_watcher { operation = "get_changes", watch_id = started.watch_id }
local result = {
  id = started.output,
  polled = { polled.event_count, polled.events[1].kind, polled.events[1].event_type, plain(polled.events[1].path), polled.events[1].is_dir, polled.events[1].size, #polled.changes, polled.dropped, polled.active },
  list = { list.watches[1].watch_id, plain(list.watches[1].paths), list.watches[1].queued },
  stopped = { stopped.output, stopped.events[1].kind, plain(stopped.events[1].path) },
  gone = gone.error_kind,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
