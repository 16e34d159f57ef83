-- The digest of a text or of bytes; SHA-256 unless another algorithm is named.
local r = Tool.hash_calculator { input = "abc" }
local function digest(algorithm) return Tool.hash_calculator({ input = "abc", algorithm = algorithm }).output end
return {
  data = r.data,
  output = r.output,
  md5 = digest("md5"),
  sha1 = digest("SHA-1"),
  blake3 = digest("blake3"),
  crc32 = digest("crc32"),
  base64 = Tool.hash_calculator({ input = "abc", format = "base64" }).output,
  bytes = Tool.hash_calculator({ input = "\xff\x00", algorithm = "md5" }).output,
  from_hex = Tool.hash_calculator({ input = "ff00", input_encoding = "hex", algorithm = "md5" }).output,
}
