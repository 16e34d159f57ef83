-- Letters that an encoding lacks are an error, or written otherwise. What is no UTF-8 comes back as bytes.
local function data(params)
  local data = Tool.file_converter(params).data
  if params.to_encoding ~= "ascii" then data.content = { data.content:byte(1, -1) } end
  return data
end
return {
  replaced = data { operation = "encoding", input = "é日", to_encoding = "latin1", on_unmappable = "replace" },
  escaped = data { operation = "convert_encoding", input = "é", to_encoding = "ascii", on_unmappable = "escape" },
  marks = data { operation = "encoding", input = "é", to_encoding = "ascii", on_unmappable = "replace" },
  kept = data { operation = "encoding", input = "é", to_encoding = "utf-16" },
}
