-- A definition must have a name and a function, and its parameters must make sense.
local function failure(cfg)
  local ok, raised = pcall(Tool.define, cfg)
  assert(not ok)
  return { kind = raised.kind, message = raised.message, hints = raised.hints }
end
local function body() end
return {
  no_name = failure { description = "x", execute = body },
  no_function = failure { name = "x", description = "x" },
  not_a_function = failure { name = "x", description = "x", execute = "body" }.kind,
  parameters = failure { name = "x", description = "x", parameters = { { type = "string" } }, execute = body },
  type = failure { name = "x", description = "x", parameters = { { name = "n", type = "text" } }, execute = body },
}
