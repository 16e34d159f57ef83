-- Functions of the table win over tools; every function has both spellings.
local both = {}
for _, pair in ipairs { { "get_schema", "getSchema" }, { "get_by_name", "getByName" },
  { "execute_async", "executeAsync" } } do
  both[#both + 1] = Tool[pair[1]] ~= nil and Tool[pair[1]] == Tool[pair[2]]
end
local tool = Tool.define { name = "list", description = "Would hide Tool.list", execute = function() return "mine" end }
return { both = both, mine = tool({}).output, still_a_list = #Tool.list() > 1 }
