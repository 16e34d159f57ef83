-- Switched off, the functions say which key switches them on.
local function failed(f, ...)
  local ok, e = pcall(f, ...)
  return { ok, e.kind, e.message, e.hints[1] }
end
return {
  publish = failed(Event.publish, "n", 1), subscribe = failed(Event.subscribe, "n"), on = failed(Event.on, "n", print),
  receive = failed(Event.receive, "sub_1"), query = failed(Event.query, {}), stats = failed(Event.get_stats),
}
