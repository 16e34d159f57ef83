-- A hook lives until it is unregistered; its handle says what it is.
local h = Hook.register("BeforeToolExecution", function() end, { name = "mine", priority = "high", tags = { "cost", "policy" } })
local second = Hook.register { point = "agent_complete", handler = function() end, priority = 7 }
local info = Hook.list("BeforeToolExecution")[1]
local function failure(...)
  local _, e = pcall(...)
  return { e.kind, e.message }
end
local id, point = h:id(), h:hook_point()
return {
  uuid = #id == 36, point = point, alias = second:hook_point(), face = { h.name, h.point },
  info = { info.name, info.hook_point, info.point, info.priority, info.priority_value, info.version, info.tags,
    info.executions, info.failures, info.breaker, info.id == id },
  default_name = Hook.list("AfterAgentExecution")[1].name:match("^%a+_AfterAgentExecution_") ~= nil,
  unknown = failure(Hook.register, "BeforeToolExecutoin", function() end),
  taken = failure(Hook.register, "BeforeToolExecution", function() end, { name = "mine" }),
  no_handle = failure(Hook.unregister, "mine")[1],
  gone = { h:unregister(), h:unregister(), Hook.unregister(h), Hook.unregister(second), Hook.unregister(second) },
  after = failure(function() return h:id() end)[1],
  by_name = { Hook.register("ToolError", function() end, { name = "x" }) ~= nil, Hook.unregister { name = "x" }, Hook.unregister { name = "x" } },
  left = #Hook.list(),
}
