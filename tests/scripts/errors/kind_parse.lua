-- parse: a text is not what it should be; the details say where.
local ok, raised = pcall(JSON.parse, '{\n  "a": oops\n}')
return {
  ok = ok,
  kind = raised.kind,
  message = raised.message,
  op = raised.op,
  line = raised.details.line,
  column = raised.details.column,
}
