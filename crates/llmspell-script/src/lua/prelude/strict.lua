-- Reading a global that was never set raises.
local host = ...
local fail = host.fail
local error, tostring = error, tostring

host.raw_setmetatable(_G, {
  __index = function(_, name)
    fail("global '" .. tostring(name) .. "' is not set")
  end,
})
