-- What each agent can really do, as truth values and as words.
Agent.create { name = "talker", model = "mock/echo", temperature = 0.5 }
Agent.create { name = "parrot", agent_type = "basic" }
local all = Agent.list_capabilities()
local function words(entry)
  local found = JSON.array {}
  for index, word in ipairs(entry.capabilities) do
    found[index] = word
  end
  return found
end
local function supports(entry)
  local able = entry.capabilities
  return {
    streaming = able.supports_streaming, tools = able.supports_tools, context = able.supports_context,
    multimodal = able.supports_multimodal, composite = able.supports_composite,
  }
end
return {
  talker = { name = all.talker.name, config = all.talker.config, supports = supports(all.talker), words = words(all.talker) },
  parrot = { description = all.parrot.description, supports = supports(all.parrot), words = words(all.parrot) },
}
