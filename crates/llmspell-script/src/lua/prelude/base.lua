-- The basic functions as scripts get them: output, garbage collection, loading of text.
local host = ...
local fail = host.fail
local error, type, tostring, tonumber, select, concat, math = error, type, tostring, tonumber, select, table.concat, math
local write, stopped, raw_load, raw_collect, raw_xpcall = host.write, host.stopped, load, collectgarbage, xpcall

local function put(stream, text)
  local failure = write(stream, text)
  if failure ~= nil then
    error(host.add_place(failure), 0)
  end
end
host.put = put

function print(...)
  local count = select("#", ...)
  if count == 1 then
    return put(1, tostring((...)) .. "\n")
  end
  local parts = { ... }
  for index = 1, count do
    parts[index] = tostring(parts[index])
  end
  put(1, concat(parts, "\t", 1, count) .. "\n")
end

-- A handler runs where the error is raised. If that is where a run is stopped, nothing could stop the handler.
function xpcall(body, handler, ...)
  if type(handler) ~= "function" then
    local got = handler == nil and "no value" or type(handler)
    fail("bad argument #2 to 'xpcall' (function expected, got " .. got .. ")")
  end
  return raw_xpcall(body, function(...)
    if stopped() then
      return ...
    end
    return handler(...)
  end, ...)
end

function collectgarbage(option)
  if option == nil or option == "collect" then
    raw_collect("collect")
    return 0
  elseif option == "count" then
    return raw_collect("count")
  elseif option == "isrunning" then
    return true
  end
  fail("bad argument #1 to 'collectgarbage' (scripts have only 'collect' and 'count')")
end

if host.min_stdlib then
  load = nil
else
  function load(chunk, name, mode, ...)
    if mode ~= nil and not tostring(mode):find("t", 1, true) then
      return nil, "attempt to load a text chunk (mode is '" .. tostring(mode) .. "')"
    end
    if type(chunk) ~= "string" and type(chunk) ~= "function" then
      local got = chunk == nil and "no value" or type(chunk)
      fail("bad argument #1 to 'load' (function expected, got " .. got .. ")")
    end
    return raw_load(chunk, name, "t", ...)
  end
end

function table.move(from, first, last, to, target)
  local integer = math.tointeger
  local function position(value, number)
    local found = integer(value)
    if not found then
      fail("bad argument #" .. number .. " to 'move' (number expected, got " .. (value == nil and "no value" or type(value)) .. ")")
    end
    return found
  end
  if type(from) ~= "table" then
    fail("bad argument #1 to 'move' (table expected, got " .. (from == nil and "no value" or type(from)) .. ")")
  end
  target = target == nil and from or target
  if type(target) ~= "table" then
    fail("bad argument #5 to 'move' (table expected, got " .. type(target) .. ")")
  end
  first, last, to = position(first, 2), position(last, 3), position(to, 4)
  if last >= first then
    if not (first > 0 or last < math.maxinteger + first) then
      fail("bad argument #3 to 'move' (too many elements to move)")
    end
    if to > math.maxinteger - (last - first + 1) + 1 then
      fail("bad argument #4 to 'move' (destination wrap around)")
    end
    if to > last or to <= first or target ~= from then
      for offset = 0, last - first do
        target[to + offset] = from[first + offset]
      end
    else
      for offset = last - first, 0, -1 do
        target[to + offset] = from[first + offset]
      end
    end
  end
  return target
end

print, xpcall, collectgarbage = host.native(print), host.native(xpcall), host.native(collectgarbage)
table.move = host.native(table.move)
load = load and host.native(load)

-- The arguments as a list that also knows the script.
function host.give_args(args, script)
  return host.raw_setmetatable(args, host.fields_meta { script = script })
end
