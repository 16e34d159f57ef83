-- The time of hooks is not that of the tool; what its own limit ended is told of, and can be tried again.
local tries = 0
Tool.define { name = "slow", description = "slow", timeout_ms = 200, execute = function()
  tries = tries + 1
  if tries == 1 then Utils.sleep(20) end
  return tries
end }
Tool.define { name = "quick", description = "quick", timeout_ms = 300, execute = function() return "done" end }
local function call(name)
  tries = 0
  local r = Tool.invoke(name)
  return { r.success, r.output or r.error_kind }
end
local function with(point, answer, options, act)
  local h = Hook.register(point, answer, options)
  local outcome = act()
  h:unregister()
  return outcome
end
local seen, told = {}, nil
local function tell(ctx)
  told = { ctx.data.error_kind, Tool.calculator({ input = "1 + 1" }).output }
end
seen.told = { with("ToolError", tell, {}, function() return call("slow") end), told }
told = nil
with("custom:tool_timeout", tell, {}, function() return call("slow") end)
seen.timeout_point = told[2]
Hook.enable_builtin("RetryHandler", { initial_delay_ms = 1 })
seen.retried = call("slow")
Hook.disable_builtin("RetryHandler")
seen.paused = with("ToolError", function() return { type = "retry", delay_ms = 300 } end, {}, function() return call("slow") end)
seen.redirected = with("ToolError", function() return { type = "redirect", target = "quick" } end, {}, function() return call("slow") end)
seen.waited = with("BeforeToolExecution", function() Utils.sleep(0.5) end, {}, function() return call("quick") end)
seen.late = with("BeforeToolExecution", function() Utils.sleep(20) end, { timeout_ms = 500 }, function() return call("quick") end)
return seen
