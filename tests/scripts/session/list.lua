-- Queries: which sessions, in which order, how many.
local a = Session.create { name = "Alpha", tags = { "x", "red" }, created_by = "ada" }
local b = Session.create { name = "beta", tags = { "x" }, description = "the ALPHABET", parent_session_id = a }
local c = Session.create { name = "gamma" }
local d = Session.create { name = "delta", tags = { "red" } }
Session.suspend(b)
Session.complete(c)
Session.fail(d)
Session.archive(d)
local function names(query)
  query = query or {}
  query.sort_by = query.sort_by or "name"
  local found = {}
  for i, session in ipairs(Session.list(query)) do found[i] = session.name end
  return JSON.array(found)
end
local function failed(query)
  local ok, e = pcall(Session.list, query)
  return not ok and e.message
end
local order = Session.list { sort_by = "updated_at", status = { "active", "suspended", "completed", "archived" } }
local runs = Session.list { include_runs = true, search_text = "list." }
return {
  default = names(), none = #Session.list { tags = { "nobody" } },
  suspended = names { status = "suspended" }, over = names { status = { "completed", "archived", "failed" } },
  archived_too = names { include_archived = true },
  tags = names { tags = { "x" } }, both_tags = names { tags = { "x", "red" } },
  by = names { created_by = "ada" }, below = names { parent_session_id = a }, text = names { search_text = "alpha" },
  by_tag_text = names { search_text = "RE" },
  before = names { created_before = "2020-01-01T00:00:00Z" }, after = names { created_after = 1577836800 },
  updated_after = names { updated_after = "2020-01-01T00:00:00Z" }, updated_before = names { updated_before = 5 },
  desc = names { sort_desc = true }, created = names { sort_by = "created_at" },
  page = names { offset = 1, limit = 1 }, last_changed = order[#order].name, of_four = #order,
  runs = #runs, of_run = runs[1].status,
  bad_status = failed { status = "activ" }, bad_order = failed { sort_by = "size" }, bad_time = failed { created_after = true },
}
