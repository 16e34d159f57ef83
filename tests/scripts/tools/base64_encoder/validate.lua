-- Tells whether a text is encoded well; that it is not is no failure.
local good = Tool.base64_encoder { operation = "validate", input = "aGVsbG8=" }
local bad = Tool.base64_encoder { operation = "validate", input = "a*b" }
return { good = good.data, bad = { bad.success, bad.output, type(bad.data.error) } }
