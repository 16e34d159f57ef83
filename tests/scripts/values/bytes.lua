-- Bytes stay bytes: a string of Lua that is not UTF-8, a Uint8Array of JavaScript.
local scope = { type = "global" }
local sent = "\xff\x00\xfea"
Agent.set_shared_memory(scope, "bytes", sent)
local back = Agent.get_shared_memory(scope, "bytes")
assert(type(back) == "string" and back == sent)
local ok, raised = pcall(Tool.text_manipulator, { operation = "uppercase", input = sent })
return {
  length = #back,
  first = back:byte(1),
  digest = Utils.hash(back, "md5"),
  encoded = Tool.base64_encoder({ input = back }).output,
  not_text = { ok = ok, kind = raised.kind },
}
