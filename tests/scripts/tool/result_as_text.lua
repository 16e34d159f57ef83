-- Used as text, a result is its output if that is a text or a number, otherwise the JSON text of its data.
local text = Tool.text_manipulator { operation = "uppercase", input = "hi" }
local number = Tool.calculator { input = "6 * 7" }
local list = Tool.text_manipulator { operation = "split", input = "a b" }
local data = Tool.json_processor { input = '{"a":[true],"b":1}' }
return { text .. "!", "= " .. number, tostring(number), tostring(data), list.success }
