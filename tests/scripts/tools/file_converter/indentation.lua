-- How lines begin.
local function output(params) return Tool.file_converter(params).output end
return {
  spaces = output { operation = "indentation", input = "\ta\tb\n", tab_size = 2 },
  tabs = output { operation = "convert_indentation", input = "    a\n      b\n", to_tabs = true },
}
