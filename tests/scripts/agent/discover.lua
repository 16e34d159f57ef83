-- The types of agents that there are.
local types = {}
for index, item in ipairs(Agent.discover()) do
  types[index] = { item.type, type(item.description) }
end
return types
