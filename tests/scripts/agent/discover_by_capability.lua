-- Agents are found by what they can do, or by a part of their name or description.
Agent.create { name = "talker", model = "mock/echo", description = "Writes prose" }
Agent.create { name = "blind", model = "mock/echo", supports_multimodal = false }
Agent.create { name = "plain", agent_type = "basic" }
Agent.create_composite("pair", { "talker", "plain" })
local found = {}
for _, word in ipairs { "streaming", "tools", "context", "multimodal", "composite", "PROSE", "lai", "nothing" } do
  found[word] = Agent.discover_by_capability(word)
end
return found
