-- A session has an id, what it was created with, and the defaults of the contract.
local function failed(options)
  local ok, e = pcall(Session.create, options)
  return not ok and { kind = e.kind, message = e.message, op = e.op, hints = JSON.array(e.hints) }
end
local parent = Session.create()
local id = Session.create {
  name = "report", description = "of the week", created_by = "ada", tags = { "a", "b" },
  metadata = { team = "blue", nested = { list = { 1, 2 } } }, parent_session_id = parent,
  max_duration = 60, max_idle_time = 5,
  config = { auto_save_interval = 7, resource_limits = { max_operations = 9 }, hook_config = { on_end = false } },
}
local plain, full = Session.get(parent), Session.get(id)
local function is_time(text) return text:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d") ~= nil end
return {
  is_uuid = id:match("^%x+%-%x+%-4%x+%-%x+%-%x+$") ~= nil and #id == 36,
  other = id ~= parent,
  own = full.id == id, name = full.name, description = full.description, created_by = full.created_by,
  tags = full.tags, status = full.status, parent = full.parent_session_id == parent,
  custom = full.custom_metadata, metadata = full.metadata,
  times = is_time(full.created_at) and is_time(full.updated_at), completed = full.completed_at == nil,
  counts = { full.artifact_count, full.operation_count },
  config = full.config,
  defaults = { name = plain.name == nil, tags = plain.tags, custom = plain.custom_metadata, config = plain.config },
  unknown_option = failed { config = { max_idel_secs = 1 } },
  wrong_option = failed { config = { max_idle_secs = -1 } }.kind,
  negative = failed { max_duration = -1 }.message,
  long_tag = failed { tags = { ("x"):rep(65) } }.message,
  middleware = failed { config = { middleware = { loging = true } } }.kind,
  no_parent = failed { parent_session_id = "00000000-0000-4000-8000-000000000000" }.message,
  bad_parent = failed { parent_session_id = "x" }.message,
  bad_metadata = failed { metadata = { print } }.kind,
}
