-- How a child sees its parent's data: through it, as a copy, as its own, or not at all.
local raised = require("lib.raised")
local scope = { type = "agent", id = "a" }
local root = Agent.create_context { data = { lang = "en" } }
local children = {}
for _, inheritance in ipairs { "inherit", "copy", "share", "isolate" } do
  children[inheritance] = Agent.create_child_context(root, scope, inheritance)
end
local function seen()
  local langs = { root = Agent.get_context_data(root, "lang") }
  for inheritance, id in pairs(children) do
    langs[inheritance] = Agent.get_context_data(id, "lang") or "nothing"
  end
  return langs
end
Agent.update_context(root, "lang", "fr")
local parent_wrote = seen()
Agent.update_context(children.inherit, "lang", "it")
local child_wrote = seen()
Agent.update_context(children.share, "lang", "de")
local sharer_wrote = seen()
Agent.remove_context(root)
return {
  parent_wrote = parent_wrote, child_wrote = child_wrote, sharer_wrote = sharer_wrote,
  orphan_keeps_its_own = Agent.get_context_data(children.inherit, "lang"),
  bad_inheritance = raised(Agent.create_child_context, children.copy, scope, "steal"),
  no_parent = raised(Agent.create_child_context, root, scope, "inherit").kind,
}
