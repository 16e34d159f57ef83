-- Calls of tools run at the same time, also when their functions are the script's own.
local open = 0
Tool.define { name = "gate", description = "Waits for two", execute = function()
  open = open + 1
  while open < 2 do Utils.sleep(0.001) end
  return open
end }
local results = Async.all {
  function() return Tool.gate({}).output end,
  function() return Tool.gate({}).output end,
  function() return Tool.calculator({ input = "6 * 7" }).output end,
}
return results
