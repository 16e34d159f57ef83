-- Each of the two waits for the other, so they end only because they run at the same time.
local arrived, log = {}, {}
local function meet(own, other)
  return function()
    arrived[own] = true
    while not arrived[other] do Utils.sleep(0.001) end
    log[#log + 1] = "met"
    return own .. " met " .. other
  end
end
local results = Async.all { meet("ann", "bob"), meet("bob", "ann") }
return { results = results, log = log }
