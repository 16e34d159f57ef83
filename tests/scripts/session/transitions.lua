-- What may follow what, and the error of what may not.
local function session(status)
  local id = Session.create()
  if status == "suspended" then Session.suspend(id) end
  if status == "completed" or status == "archived" then Session.complete(id) end
  if status == "failed" then Session.fail(id) end
  if status == "archived" then Session.archive(id) end
  return id
end
local table = {}
for _, from in ipairs { "active", "suspended", "completed", "failed", "archived" } do
  table[from] = {}
  for _, verb in ipairs { "suspend", "resume", "complete", "fail", "archive" } do
    local id = session(from)
    local ok, e = pcall(Session[verb], id)
    table[from][verb] = ok and Session.get(id).status or e.kind .. ": " .. e.message
  end
end
local id = Session.create()
Session.fail(id, "no paper")
local failed = Session.get(id)
local function said(...)
  local _, e = pcall(...)
  return e.kind .. ": " .. e.message, e.op
end
local missing, op = said(Session.complete, "00000000-0000-4000-8000-000000000000")
return {
  table = table, reason = failed.failure_reason, completed_at = failed.completed_at ~= nil,
  missing = missing, op = op, malformed = (said(Session.suspend, "nonsense")),
}
