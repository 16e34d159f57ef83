-- The further points about tools: what they are told, in which order, and the one that may prevent a call.
local seen, last = {}, {}
for _, name in ipairs { "parameter_validation", "security_check", "resource_allocated", "resource_released", "timeout" } do
  Hook.register("custom:tool_" .. name, function(ctx)
    seen[#seen + 1] = name .. " " .. ctx.tool_name
    last[name] = ctx.data
    if name == "security_check" and ctx.tool_name == "uuid_generator" then return { type = "cancel", reason = "no ids" } end
  end)
end
Hook.register("BeforeToolExecution", function(ctx) seen[#seen + 1] = "before " .. ctx.tool_name end)
Tool.define { name = "slow", description = "Sleeps", execute = function() Utils.sleep(5) end }
local output = Tool.calculator({ input = "1 + 1" }).output
local calm = { last.resource_allocated.concurrent_ops, last.resource_released.operations_count, last.resource_released.cpu_time_ms >= 0, last.resource_released.memory_bytes > 0 }
local ok, raised = pcall(Tool.uuid_generator, {})
Tool.calculator { input = "2 + 2" }
local again = last.resource_allocated.operations_count
local late = Tool.slow { timeout_ms = 20 }
return { output = output, calm = calm, vetoed = { ok, raised.kind, raised.message }, again = again, late = { late.success, late.error_kind }, seen = seen }
