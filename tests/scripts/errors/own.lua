-- What a script raises itself arrives unchanged where it is caught: texts, tables, nothing.
local own = { code = 5 }
local function caught(value)
  local ok, raised = pcall(error, value, 0)
  assert(not ok)
  return raised
end
return { same = caught(own) == own, code = caught(own).code, text = caught("plain"), nothing = caught(nil) == nil }
