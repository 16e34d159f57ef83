-- `limit` bounds how many run at the same time.
local active, most, tasks = 0, 0, {}
for i = 1, 12 do
  tasks[i] = function()
    active = active + 1
    most = math.max(most, active)
    Utils.sleep(0.001)
    active = active - 1
    return i
  end
end
local results = Async.all(tasks, { limit = 3 })
return { count = #results, last = results[12], most = most }
