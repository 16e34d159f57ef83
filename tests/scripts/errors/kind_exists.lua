-- exists: the name is taken.
local tool = { name = "echo", description = "Says it again", execute = function(p) return p end }
Tool.define(tool)
local ok, raised = pcall(Tool.define, tool)
local _, builtin = pcall(Tool.define, { name = "calculator", description = "Mine", execute = tool.execute })
return {
  ok = ok,
  kind = raised.kind,
  message = raised.message,
  op = raised.op,
  hints = raised.hints,
  builtin = { builtin.kind, builtin.message },
}
