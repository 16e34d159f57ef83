-- The configuration chooses the tools of a run and what each may answer.
local names = {}
for i, tool in ipairs(Tool.list()) do names[i] = tool.name end
local long = Tool.text_manipulator { operation = "repeat", input = "abcdefghij", times = 100 }
local off = Tool.hash_calculator { input = "abc" }
return {
  names = names,
  denied = Tool.exists("uuid_generator"),
  off = { off.success, off.error_kind, off.error },
  cut = { long.success, long.metadata.truncated, long.output.truncated, long.output.preview },
}
