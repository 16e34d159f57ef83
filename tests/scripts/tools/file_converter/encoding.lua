-- Letters that an encoding lacks are an error, or written otherwise.
local function data(params) return Tool.file_converter(params).data end
return {
  replaced = data { operation = "encoding", input = "é日", to_encoding = "latin1", on_unmappable = "replace" },
  escaped = data { operation = "convert_encoding", input = "é", to_encoding = "ascii", on_unmappable = "escape" },
  kept = data { operation = "encoding", input = "é", to_encoding = "utf-16" },
}
