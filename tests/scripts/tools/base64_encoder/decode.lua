-- Decodes to text where the bytes are text, otherwise to hexadecimal digits.
local r = Tool.base64_encoder { operation = "decode", input = "aGVsbG8/Pg==" }
local function decoded(params)
  params.operation = "decode"
  local answer = Tool.base64_encoder(params)
  return answer.success and answer.output or answer.error_kind
end
local binary = Tool.base64_encoder { operation = "decode", input = "//4=" }
return {
  data = r.data,
  lenient = decoded { input = " aGVs\nbG8_Pg " },
  strict = decoded { input = "aGVsbG8_Pg", strict = true },
  binary = { binary.output, binary.binary },
  as_hex = decoded { input = "aGk=", output_format = "hex" },
  data_uri = decoded { input = "data:text/plain;base64,aGk=" },
  base32 = decoded { input = "NBSWY3DP", codec = "base32" },
  hex = decoded { input = "6869", codec = "hex" },
}
