-- A digest with a key; `verify` with a key compares one.
local r = Tool.hash_calculator { operation = "hmac", input = "what do ya want for nothing?", key = "Jefe" }
local verified = Tool.hash_calculator {
  operation = "verify", input = "what do ya want for nothing?", key = "Jefe", expected_hash = r.output,
}
return { output = r.output, algorithm = r.algorithm, verified = verified.output }
