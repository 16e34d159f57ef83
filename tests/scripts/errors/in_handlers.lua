-- Calls wait where errors are handled, too.
local ok, handled = xpcall(function() Tool.invoke("no_such_tool") end, function(raised)
  return raised.kind .. " " .. Tool.calculator({ input = "6 * 7" }).output
end)
local fine, value = xpcall(function() Utils.sleep(0.001) return "fine" end, print)
return { ok = ok, handled = handled, fine = fine, value = value }
