-- A hook without parameters is called and answers as any other; one with a list of them is told what the others are.
local calls = 0
Tool.define { name = "count", description = "Counts", execute = function() return 1 end }
local function with(hook)
  local h = Hook.register("BeforeToolExecution", hook)
  local r = Tool.invoke("count", {})
  h:unregister()
  return r.output
end
return {
  none = with(function() calls = calls + 1 return { type = "replace", data = "none " .. calls } end),
  named = with(function(context) return { type = "replace", data = "named " .. context.tool_name } end),
  list = with(function(...) local context = ... return { type = "replace", data = select("#", ...) .. " " .. context.tool_name } end),
}
