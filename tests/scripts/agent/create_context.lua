-- A context holds data that agents may be told; the id is a uuid.
local raised = require("lib.raised")
local id = Agent.create_context { user_id = "ada", data = { lang = "en", mood = "calm" } }
Agent.update_context(id, "lang", "fr")
Agent.update_context(id, "tags", { "a", "b" })
local before = { Agent.get_context_data(id, "lang"), Agent.get_context_data(id, "mood"), Agent.get_context_data(id, "tags") }
local nothing = Agent.get_context_data(id, "nothing") == nil
Agent.remove_context(id)
return {
  is_uuid = id:match("^%x+%-%x+%-%x+%-%x+%-%x+$") ~= nil,
  data = before,
  nothing = nothing,
  removed = raised(Agent.get_context_data, id, "lang").kind,
  unknown = raised(Agent.update_context, "nobody", "k", 1),
  empty = type(Agent.create_context()),
}
