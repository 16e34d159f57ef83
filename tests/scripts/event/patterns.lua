-- Which types a pattern fits; a malformed one is refused.
local types = { "user", "user.a", "user.a.b", "username.x", "disk.error", "disk.sda.error", "order.created", "a*b", "v1" }
local function fits(pattern)
  local id = Event.subscribe(pattern, { language = "python" })
  for _, kind in ipairs(types) do Event.publish(kind, nil, { language = "py" }) end
  local found = {}
  for i, e in ipairs(Event.receive_batch(id, { timeout_ms = 0 })) do found[i] = e.type end
  Event.unsubscribe(id)
  return found
end
local found = {}
for _, pattern in ipairs { "user.*", "user*", "*.error", "**.error", "{user,order}.*", "a\\*b", "user\\.a", "v[0-9]", "?[!2]", "user" } do
  found[pattern] = fits(pattern)
end
local function failure(pattern)
  local _, e = pcall(Event.subscribe, pattern)
  return { e.kind, e.message }
end
return {
  found = found, all = #fits("*") == #types and #fits("**") == #types, several = fits { "user", "v*", "user" },
  failures = { failure("a.[b"), failure("{a"), failure(""), failure({}) },
}
