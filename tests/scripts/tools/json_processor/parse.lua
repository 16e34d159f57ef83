-- Reads JSON text. Other operations take text that is none as it is, unless `strict` is set.
local loose = Tool.json_processor { input = "not JSON" }
local strict = Tool.json_processor { input = "not JSON", strict = true }
return {
  parsed = Tool.json_processor({ operation = "parse", input = '{"a":[1,9007199254740993]}' }).output,
  loose = { loose.output, loose.metadata.parsed },
  strict = { strict.success, strict.error_kind, strict.metadata.details.line, strict.metadata.details.column },
}
