-- Suspends the script, fractions of a second allowed; others go on meanwhile.
local log = {}
Async.all {
  function() Utils.sleep(0.02) log[#log + 1] = "slept" end,
  function() log[#log + 1] = "awake" end,
}
return { log = log, returns = Utils.sleep(0) == nil }
