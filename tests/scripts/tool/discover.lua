-- Tools of a category, or those whose description contains a word, whatever its case.
Tool.define { name = "roast", description = "Roasts nuts and Seeds", category = "kitchen", execute = function() end }
Tool.define { name = "peel", description = "Peels fruit", category = "kitchen", execute = function() end }
local function names(query)
  local all = JSON.array {}
  for i, tool in ipairs(Tool.discover(query)) do all[i] = tool.name end
  return all
end
return {
  category = names { category = "kitchen" },
  tag = names { tag = "seeds" },
  both = names { category = "kitchen", tag = "FRUIT" },
  nothing = names { category = "no such category" },
  all = #names {} == #Tool.list(),
}
