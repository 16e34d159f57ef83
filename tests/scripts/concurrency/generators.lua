-- Calls wait inside the script's own coroutines, also when several of them run at the same time.
local function countdown(from)
  return coroutine.wrap(function()
    for n = from, 1, -1 do
      Utils.sleep(0.001)
      coroutine.yield(n)
    end
  end)
end
local function collect(from)
  return function()
    local all = {}
    for n in countdown(from) do all[#all + 1] = n end
    return all
  end
end
return Async.all { collect(3), collect(2) }
