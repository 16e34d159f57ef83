-- What a check says of values, operations and what they need is what the call says.
local function same(name, params)
  local checked = Tool.validate(name, params)
  local ok, answer = pcall(Tool.invoke, name, params)
  local said = not ok and answer.message or answer.error
  local told = checked.errors[1] and checked.errors[1].message
  return { valid = checked.valid, same = said == told or said ~= nil and told ~= nil and said:sub(1, #told) == told }
end
return {
  operation = same("hash_calculator", { operation = "hsah", input = "abc" }),
  choice = same("hash_calculator", { input = "abc", format = "hxe" }),
  range = same("uuid_generator", { count = 0 }),
  needed = same("hash_calculator", { operation = "verify", input = "abc" }),
  needed_by_synonym = same("file_operations", { operation = "cat" }),
  needed_second = same("file_operations", { operation = "write", path = "x.txt" }),
  needed_number = same("calculator", { operation = "add", a = 1 }),
  time = same("calculator", { input = "1", timeout_ms = 0 }),
  times = same("calculator", { input = "1", timeout = 5, timeout_ms = 5001 }),
  spelling = same("uuid_generator", { version = "V4", format = "Simple" }),
  wrapped = same("calculator", { parameters = { input = "1" } }),
  common = same("calculator", { input = "1", timeout_ms = 5000 }),
}
