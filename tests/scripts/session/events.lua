-- What happens to sessions is published, each with the session's id.
local sub = Event.subscribe("session.*")
Hook.register("SessionCheckpoint", function() end)
local id = Session.create()
Session.save(id) Session.suspend(id) Session.load(id) Session.resume(id)
Session.complete(id) Session.archive(id) Session.delete(id)
Session.fail(Session.create(), "no paper")
local kinds, own, changes, facts = {}, true, {}, {}
for i, e in ipairs(Event.receive_batch(sub, { timeout_ms = 0 })) do
  kinds[i] = e.type
  own = own and (e.data.session_id == id or i > 14) and e.source.component == "session"
  if e.type == "session.state.changed" then changes[#changes + 1] = e.data.from .. ">" .. e.data.to end
  facts[e.type] = e.data
end
return {
  kinds = kinds, own = own, changes = changes, reason = facts["session.failed"].reason, status = facts["session.resumed"].status,
  completed = {
    took = facts["session.completed"].duration_ms >= 0, artifacts = facts["session.completed"].artifact_count,
    operations = facts["session.completed"].operation_count,
  },
  hooks = facts["session.started"].hook_count, hook = facts["session.hook.executed"].point,
}
