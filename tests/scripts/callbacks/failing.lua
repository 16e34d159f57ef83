-- A tool whose function fails answers with success = false; the text of the error is that of the script.
local function failure(name, body)
  local r = Tool.define { name = name, description = name, execute = body } {}
  return { success = r.success, error = r.error, error_kind = r.error_kind, output = r.output == nil }
end
return {
  text = failure("text", function() error("out of paper", 0) end),
  object = failure("object", function() error { message = "out of ink" } end),
  of_an_op = failure("of_an_op", function() JSON.parse("?") end),
}
