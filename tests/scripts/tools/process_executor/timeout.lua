-- What takes too long is ended, and what it wrote is told.
local r = Tool.process_executor { command = "sleep 60", timeout_ms = 1500 }
return { success = r.success, kind = r.error_kind, timed_out = r.timed_out, stdout = r.stdout }
