-- What is understood: wrapped parameters, synonyms, camelCase, numbers as text, choices in any spelling.
local function hash(params) return Tool.invoke("hash_calculator", params).output end
local plain = hash { input = "abc", algorithm = "sha256" }
local count = { version = "v4", count = "2" }
return {
  wrapped = hash { parameters = { input = "abc", algorithm = "sha256" } } == plain,
  synonym = hash { data = "abc", algorithm = "sha256" } == plain,
  choice = hash { input = "abc", algorithm = "SHA-256" } == plain,
  camel_case = hash { input = "abc", inputEncoding = "utf-8" } == plain,
  text_for_number = #Tool.uuid_generator(count).output,
  whole_float = #Tool.uuid_generator({ count = 3.0 }).output,
  common = hash { input = "abc", timeout_ms = 5000, max_output_bytes = 1000 } == plain,
}
