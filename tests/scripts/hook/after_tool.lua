-- Every result after a tool, and after one that failed.
local runs, broken = 0, false
Tool.define { name = "count", description = "Counts", execute = function() runs = runs + 1 if broken then error("broken", 0) end return runs end }
Tool.define { name = "spare", description = "Spare", execute = function() return "spare" end }
local function with(point, answer)
  runs = 0
  local h = Hook.register(point, function(ctx) if ctx.tool_name == "count" then return type(answer) == "function" and answer(ctx) or answer end end)
  local ok, r = pcall(Tool.invoke, "count", {})
  h:unregister()
  if not ok then return { kind = r.kind, message = r.message, runs = runs } end
  return { success = r.success, output = r.output, error = r.error, kind = r.error_kind, forks = r.metadata.forks and r.metadata.forks[1].result, runs = runs }
end
local function all(point)
  return {
    continue = with(point, nil),
    cancel = with(point, "stop"),
    skipped = with(point, "skip"),
    redirect = with(point, { type = "redirect", target = "spare" }),
    replace = with(point, { type = "replace", data = 7 }),
    retry = with(point, { type = "retry", delay_ms = 1, max_attempts = 3 }),
    fork = with(point, { type = "fork", branches = { { operation_type = "tool:spare" } } }),
  }
end
local after = all("AfterToolExecution")
after.modified = with("AfterToolExecution", { type = "modified", data = { output = "new" } })
after.result = with("AfterToolExecution", function(ctx) return { type = "modified", data = { result = { was = ctx.result } } } end).output
after.cache = with("AfterToolExecution", { type = "cache", key = "last" })
broken = true
local failed = all("ToolError")
failed.modified = with("ToolError", { type = "modified", data = { error_message = "clearer" } })
failed.cache = with("ToolError", { type = "cache", key = "last" })
failed.fallback = with("ToolError", { type = "retry", delay_ms = 1, max_attempts = 2, fallback_data = "saved" })
return { after = after, failed = failed }
