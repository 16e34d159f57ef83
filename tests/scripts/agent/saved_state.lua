-- An agent's conversation, custom data and settings outlive it, as far as the script did not say them anew.
local seen, saved = {}, Event.subscribe("agent_state.*")
for _, name in ipairs { "save", "delete" } do
  Hook.register("custom:agent_state_" .. name, function(ctx) seen[#seen + 1] = ctx.point .. " " .. ctx.data.agent_name end)
end
local first = Agent.create { name = "ann", model = "mock/echo", system_prompt = "Be brief.", temperature = 0.3, max_tokens = 50, custom_config = { api_key = "sk-verysecret", colour = "red" } }
local nothing = first:load_state()
first:execute("hello")
first:set_state { mood = "good", token = "hidden" }
first:save_state()
local id = first.id
first:destroy()
local second = Agent.create { name = "ann", model = "mock/echo", temperature = 0.9 }
local found = second:load_state()
local messages = {}
for i, m in ipairs(second:get_conversation()) do messages[i] = m.role .. ": " .. m.content end
local config = second:get_config()
local kept = State.load("agent:" .. id, "config")
local conversation = State.load("agent:" .. id, "conversation")
local metadata = State.load("agent:" .. id, "metadata")
local result = {
  nothing = nothing, found = found, messages = messages, mood = second:get_state("mood"), token = second:get_state("token"):match("^%[REDACTED%]_%x+$") ~= nil,
  config = { config.system_prompt, config.temperature, config.max_tokens, config.max_conversation_length },
  secret = kept.custom_config.api_key:match("^%[REDACTED%]_%x+$") ~= nil, colour = kept.custom_config.colour,
  kept = { conversation[1].role, conversation[1].content, conversation[2].role, #conversation, metadata.name, metadata.schema_version, metadata.id == id },
  registry = State.load("saved_agents_registry"), keys = State.list("agent:" .. id),
}
second:delete_state()
result.left = { #State.list("agent:" .. id), #State.load("saved_agents_registry"), second:load_state() }
result.seen = seen
result.events = {}
for i, e in ipairs(Event.receive_batch(saved, { timeout_ms = 500 })) do result.events[i] = e.type .. " " .. e.data.agent_name .. " " .. (e.data.schema_version or "") end
return result
