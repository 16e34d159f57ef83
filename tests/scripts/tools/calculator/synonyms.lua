-- `calculate` is `evaluate`, `expression` is `input`.
local r = Tool.calculator { operation = "calculate", expression = "1 + 1" }
return { operation = r.operation, output = r.output }
