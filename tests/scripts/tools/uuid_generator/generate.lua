-- Makes one identifier or several, of any version and format.
local r = Tool.uuid_generator {}
local function made(params) return Tool.uuid_generator(params).output end
local several = Tool.uuid_generator { count = 3 }
return {
  usual = { r.operation, r.version, r.format, #r.output, r.uuid == r.output, r.value == r.output, #r.uuids },
  version = made({ version = "v7" }):sub(15, 15),
  by_number = made({ version = "1" }):sub(15, 15),
  simple = #made { format = "simple" },
  braced = made({ format = "braced" }):match("^{.*}$") ~= nil,
  urn = made({ format = "urn" }):match("^urn:uuid:"),
  none = made { version = "nil" },
  max = made { version = "max" },
  ulid = #made { version = "ulid" },
  nanoid = #made { version = "nanoid" },
  several = { #several.output, several.output[1] ~= several.output[2] },
}
