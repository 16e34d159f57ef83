-- Tells whether a text is a UUID; that it is none is no failure.
local good = Tool.uuid_generator { operation = "validate", uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8" }
local bad = Tool.uuid_generator { operation = "is_valid", input = "6ba7b810-9dad" }
return {
  good = good.data,
  output = good.output,
  bad = { bad.success, bad.output, type(bad.data.error), bad.operation },
}
