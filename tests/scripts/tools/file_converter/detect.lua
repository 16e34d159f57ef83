-- What a text has.
local function data(params) return Tool.file_converter(params).data end
return {
  unix = data { input = "a\n  b\n" },
  windows = data { operation = "info", data = "a\r\n\tb\r\n" },
  mixed = data { operation = "detect_encoding", input = "é\nb\r\n" },
}
