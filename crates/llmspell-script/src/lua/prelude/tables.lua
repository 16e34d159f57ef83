-- table.insert, table.remove and table.sort for tables with the metamethod __len.
local host = ...
local fail = host.fail
local select, type, tointeger, sort = select, type, math.tointeger, host.raw_table.sort
local slow = host.slow

function slow.insert(list, ...)
  local count = select("#", ...)
  local last = #list + 1
  if count == 1 then
    list[last] = ...
    return
  elseif count ~= 2 then
    fail("wrong number of arguments to 'insert'")
  end
  local position, value = ...
  position = tointeger(position)
  if not position then
    fail("bad argument #2 to 'insert' (number expected, got " .. type((...)) .. ")")
  elseif position < 1 or position > last then
    fail("bad argument #2 to 'insert' (position out of bounds)")
  end
  for index = last, position + 1, -1 do
    list[index] = list[index - 1]
  end
  list[position] = value
end

function slow.remove(list, ...)
  local size = #list
  local position = size
  if select("#", ...) > 0 then
    position = tointeger((...))
    if not position then
      fail("bad argument #2 to 'remove' (number expected, got " .. type((...)) .. ")")
    elseif size + 1 ~= position and (position < 1 or position > size + 1) and not (size == 0 and position == 0) then
      fail("bad argument #2 to 'remove' (position out of bounds)")
    end
  end
  local removed = list[position]
  for index = position, size - 1 do
    list[index] = list[index + 1]
  end
  list[position < size and size or position] = nil
  return removed
end

function slow.sort(list, before)
  if before ~= nil and type(before) ~= "function" then
    fail("bad argument #2 to 'sort' (function expected, got " .. type(before) .. ")")
  end
  local copy, size = {}, #list
  for index = 1, size do
    copy[index] = list[index]
  end
  sort(copy, before)
  for index = 1, size do
    list[index] = copy[index]
  end
end
