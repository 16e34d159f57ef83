-- Errors suggest the nearest name: of a tool, a parameter, an algorithm, an operation.
local function hint(...)
  local _, raised = pcall(...)
  return raised.hints[1]
end
return {
  tool = hint(Tool.invoke, "hash_calculater"),
  parameter = hint(Tool.invoke, "calculator", { inptu = "1" }),
  algorithm = hint(Utils.hash, "x", "sha265"),
  operation = Tool.calculator({ operation = "evalute", input = "1" }).error,
}
