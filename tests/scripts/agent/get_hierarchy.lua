-- The tree of a composite and its delegates.
local raised = require("lib.raised")
require("lib.team")
Agent.create_composite("line", { "poet", "loud" })
Agent.create_composite("nested", { "line", "cook" })
local function shape(node)
  local children = JSON.array {}
  for index, child in ipairs(node.children) do
    children[index] = shape(child)
  end
  return { name = node.name, type = node.type, id = type(node.id), children = children }
end
return { tree = shape(Agent.get_hierarchy("nested").root), unknown = raised(Agent.get_hierarchy, "nobody") }
