-- The options of a hook are checked: a wrong one is an error that names it, an unknown one is ignored.
local function refused(name, call, ...)
  local ok, e = pcall(call, ...)
  return { ok, e.kind, e.message:find(name, 1, true) ~= nil }
end
local none = function() end
local before = #Hook.list()
local found = {
  refused("tags", Hook.register, "BeforeToolExecution", none, { tags = "one" }),
  refused("timeout_ms", Hook.register, "BeforeToolExecution", none, { timeout_ms = -1 }),
  refused("fail_closed", Hook.register, "BeforeToolExecution", none, { fail_closed = "yes" }),
  refused("name", Hook.register, "BeforeToolExecution", none, { name = 5 }),
  refused("capacity", Hook.enable_builtin, "RateLimiter", { capacity = "many" }),
  refused("did you mean 'capacity'", Hook.enable_builtin, "RateLimiter", { capcity = 1 }),
  refused("Unknown hook point: x", Hook.list, { point = "x" }),
}
local nothing = #Hook.list() == before
local h = Hook.register { hook_point = "BeforeToolExecution", handler = none, name = "own", failClosed = true, colour = "red" }
Hook.register("AfterToolExecution", none, { priority = "low", tags = { "audit trail" }, nmae = "x" })
local function names(filter)
  local listed = {}
  for i, hook in ipairs(Hook.list(filter)) do listed[i] = hook.point end
  return JSON.array(listed)
end
return {
  refused = found, nothing = nothing, name = h.name,
  listed = { names { tag = "trail" }, names { priority = "LOW" }, names { hookPoint = "BeforeToolExecution" }, names { priority = "urgent" }, names { tag = "trail", priority = "high" } },
}
