-- A tool ends at the limit of its call: it answers so, its function goes no further, and the script goes on.
local after = false
Tool.define { name = "nap", description = "Sleeps", execute = function() Utils.sleep(3600) after = true end }
local r = Tool.nap { timeout_ms = 20 }
return {
  success = r.success, error_kind = r.error_kind, after = after,
  next = Tool.calculator({ input = "1 + 1" }).output,
}
