// Option keys are snake_case; camelCase is understood, as are all functions in both spellings.
const id = await Agent.createContext({ conversationId: "c1", data: { n: 1 } });
export default {
  data: await Agent.get_context_data(id, "n"),
  same: Agent.create_context === Agent.createContext,
  by_position: Utils.hash("abc", "md5"),
};
