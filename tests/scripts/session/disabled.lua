-- Switched off, the functions say which key switches them on.
local function failed(f, ...)
  local ok, e = pcall(f, ...)
  return { ok, e.kind, e.message, e.hints[1] }
end
return { create = failed(Session.create), list = failed(Session.list), current = failed(Session.get_current) }
