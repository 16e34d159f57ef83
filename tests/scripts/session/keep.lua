-- What is saved, loaded, put away and removed.
local id = Session.create { name = "kept" }
local saved, loaded = Session.save(id), Session.load(id)
local status = Session.get(id).status
Session.set_current(id)
Tool.calculator { input = "1 + 1" }
Session.complete(id)
local over = Session.load(id)
Session.archive(id)
local archived = Session.get(id)
Session.delete(id)
Session.delete(id)
local function failed(f, ...)
  local _, e = pcall(f, ...)
  return e.kind .. ": " .. e.message:gsub(id:gsub("%-", "%%-"), "ID")
end
local current = Session.create()
Session.set_current(current)
Session.delete(current)
local run = Session.list({ include_runs = true, search_text = "keep." })[1].id
local _, own = pcall(Session.delete, run)
local _, step = pcall(Session.complete, run)
return {
  saved = saved == nil, loaded = loaded == id, status = status, over = over == id,
  archived = { archived.status, archived.operation_count, archived.completed_at ~= nil },
  gone = failed(Session.get, id), not_saved = failed(Session.save, id), not_loaded = failed(Session.load, id),
  malformed = failed(Session.delete, "x"), cleared = Session.get_current() == nil,
  run = (own.message:gsub(run:gsub("%-", "%%-"), "RUN")), step = (step.message:gsub(run:gsub("%-", "%%-"), "RUN")),
}
