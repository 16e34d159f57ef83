-- Versions 3 and 5 and `deterministic` derive the same identifier from the same name.
local function made(params) return Tool.uuid_generator(params).output end
local r = Tool.uuid_generator { operation = "deterministic", name = "clerk" }
return {
  v5 = made { version = "v5", name = "www.example.com" },
  v3 = made { version = "v3", name = "www.example.com", namespace = "dns" },
  url = made { version = "v5", name = "https://example.com/", namespace = "url" },
  own = made { version = "v5", name = "x", namespace = "6ba7b810-9dad-11d1-80b4-00c04fd430c8" },
  deterministic = r.data,
  tool = made { operation = "deterministic", name = "clerk", namespace = "tool" },
}
