-- How lines end.
local function output(params) return Tool.file_converter(params).output end
return {
  windows = output { operation = "line_endings", input = "a\nb\r\n", line_ending = "crlf" },
  unix = output { operation = "convert_line_endings", input = "a\r\nb\rc" },
}
