// So many messages are replayed to the model; the system prompt always is, and all stay in the conversation.
const agent = await Agent.create({ model: "mock/echo", max_conversation_length: 3, system_prompt: "one two" });
const input_tokens = [];
for (let call = 0; call < 4; call++) input_tokens.push((await agent.execute("a b c")).usage.input_tokens);
export default { input_tokens, messages: (await agent.getConversation()).length };
