-- What has to be cleaned up is cleaned up whatever happens.
local log = {}
local ok, raised = pcall(function()
  local resource <close> = setmetatable({}, { __close = function() log[#log + 1] = "closed" end })
  log[#log + 1] = "open"
  Tool.invoke("nothing_of_that_name")
  log[#log + 1] = "never"
end)
return { log = log, ok = ok, kind = raised.kind }
