-- Smaller priorities first, then the order of registration; what one hook modifies the next one sees.
local seen = {}
local function add(name, priority)
  Hook.register("BeforeToolExecution", function(ctx)
    seen[#seen + 1] = name .. ctx.data.parameters.input
    return { type = "modified", data = { parameters = { input = ctx.data.parameters.input .. "+1" } } }
  end, priority)
end
add("normal", nil) add("lowest", "lowest") add("5", 5) add("highest", "highest") add("odd", "soon") add("high", "high") add("low", "low")
local names = {}
for i, info in ipairs(Hook.list { point = "BeforeToolExecution" }) do names[i] = info.priority end
local filtered = { #Hook.list { priority = "HIGH" }, #Hook.list { priority = "soon" }, #Hook.list { tag = "none" }, #Hook.list { language = "python" } }
return { output = Tool.calculator({ input = "0" }).output, seen = seen, priorities = names, filtered = filtered }
