-- What is no JSON raises `parse` with line and column.
local function failure(text)
  local ok, raised = pcall(JSON.parse, text)
  assert(not ok)
  return { kind = raised.kind, message = raised.message, line = raised.details.line, column = raised.details.column }
end
return {
  open = failure('{"a": 1'),
  comma = failure("[1, 2,]"),
  second_line = failure('{\n  "a" 1\n}'),
  two = failure("1 2"),
  empty = failure("").kind,
  deep = failure(("["):rep(1000)).kind,
  no_text = failure(42).message,
}
