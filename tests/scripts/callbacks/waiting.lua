-- A function that an op calls may itself wait for ops.
Tool.define {
  name = "sum_of_squares",
  description = "Adds two squares",
  parameters = { { name = "a", type = "number" }, { name = "b", type = "number" } },
  execute = function(p)
    local a = Tool.calculator { input = p.a .. " ^ 2" }.output
    Utils.sleep(0.001)
    local b = Tool.calculator { input = p.b .. " ^ 2" }.output
    return a + b
  end,
}
return Tool.sum_of_squares({ a = 3, b = 4 }).output
