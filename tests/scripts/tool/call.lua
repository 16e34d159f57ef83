-- Six ways to the same call.
local tool = Tool.get("calculator")
local params = { input = "6 * 7" }
return {
  Tool.invoke("calculator", params).output,
  Tool.execute("calculator", params).output,
  tool:execute(params).output,
  tool.execute(params).output,
  tool(params).output,
  Tool.calculator(params).output,
}
