-- Checks an expression without evaluating it, and lists the names that it uses.
local good = Tool.calculator { operation = "validate", input = "sqrt(x) + y" }
local bad = Tool.calculator { operation = "validate", input = "2 +" }
return { good = good.data, output = good.output, bad = { bad.success, bad.output, bad.position, type(bad.data.error) } }
