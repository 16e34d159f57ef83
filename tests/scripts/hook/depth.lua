-- Hooks within hooks come to an end: the ninth runs without any.
local calls, deepest = 0, 0
for i = 1, 12 do
  Tool.define { name = "t" .. i, description = "t", execute = function() deepest = math.max(deepest, i) return i end }
  Hook.register("BeforeToolExecution", function(ctx)
    if ctx.tool_name == "t" .. i then
      calls = calls + 1
      if i < 12 then Tool.invoke("t" .. (i + 1), {}) end
    end
  end)
end
return { output = Tool.invoke("t1", {}).output, calls = calls, deepest = deepest }
