-- A function that an op calls may call ops; what they raise reaches the caller as it was.
local failing = function() JSON.parse("not JSON") end
local raised
Tool.define { name = "reader", description = "Reads", execute = function()
  local _, caught = pcall(failing)
  raised = caught
  return "went on"
end }
local answer = Tool.reader {}
return { answer = answer.output, kind = raised.kind, op = raised.op }
