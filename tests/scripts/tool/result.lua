-- What every call answers: success, operation, data, output, and facts in metadata.
local r = Tool.hash_calculator { input = "abc", algorithm = "md5" }
return {
  success = r.success,
  operation = r.operation,
  data = r.data,
  same = r.result.hash == r.data.hash,
  output = r.output,
  error = r.error == nil and r.error_kind == nil,
  tool = r.metadata.tool,
  duration = math.type(r.metadata.duration_ms),
  call_id = type(r.metadata.call_id),
  warnings = r.metadata.warnings,
}
