-- The first failure is the failure of all, and the others are stopped at once.
local stopped = false
local ok, raised = pcall(Async.all, {
  function()
    local guard <close> = setmetatable({}, { __close = function() stopped = true end })
    Utils.sleep(3600)
  end,
  function() Utils.sleep(0.001) Tool.invoke("no_such_tool") end,
})
assert(stopped)
return { ok = ok, kind = raised.kind, message = raised.message }
