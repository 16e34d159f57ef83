-- Async.all runs functions at the same time and returns their results in the order in which they stand.
local function later(seconds, value)
  return function() Utils.sleep(seconds) return value end
end
return Async.all { later(0.02, "slow"), later(0.001, "quick"), function() return "at once" end }
