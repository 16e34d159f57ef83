-- Every method, by parameter and by operation.
local methods, operations = {}, {}
for _, method in ipairs { "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS" } do
  methods[#methods + 1] = Tool.http_request { url = Args[1] .. "/echo", method = method }.output.method
  local r = Tool.http_request { url = Args[1] .. "/echo", operation = method:lower() }
  operations[#operations + 1] = { r.operation, r.output.method }
end
local head = Tool.http_request { url = Args[1] .. "/json", method = "head" }
return { methods = methods, operations = operations, head = { head.output, head.status_code, head.operation } }
