-- A wait without changes ends in time; with a limit in seconds as well.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/a", input = "x" }
local r = Tool.file_watcher { operation = "watch", input = base, timeout_ms = 20 }
local s = Tool.file_watcher { operation = "wait", path = base .. "/a", duration = 0.02 }
local result = {
  r = { r.success, r.events, r.event_count, r.timed_out, r.dropped, r.output },
  s = s.timed_out,
}
Tool.file_operations { operation = "delete", path = base, recursive = true }
return result
