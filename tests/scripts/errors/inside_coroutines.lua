-- Errors pass through a script's own coroutines.
local routine = coroutine.wrap(function()
  coroutine.yield("first")
  Tool.invoke("nothing_of_that_name")
end)
local first = routine()
local ok, raised = pcall(routine)
return { first = first, ok = ok, kind = raised.kind, message = raised.message }
