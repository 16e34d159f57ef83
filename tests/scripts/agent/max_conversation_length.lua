-- So many messages are replayed to the model; the system prompt always is, and all stay in the conversation.
local agent = Agent.create { model = "mock/echo", max_conversation_length = 3, system_prompt = "one two" }
local input_tokens = {}
for index = 1, 4 do
  input_tokens[index] = agent:execute("a b c").usage.input_tokens
end
return { input_tokens = input_tokens, messages = #agent:get_conversation() }
