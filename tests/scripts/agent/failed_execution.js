// A failed execution restores the state, keeps the error's text, and forgets the prompt that had no answer.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({
  model: "mock/script",
  settings: { responses: [{ error: { kind: "auth", message: "the API key is refused" } }, "fine"] },
});
const failure = await raised(() => agent.execute("hi"));
const after = [await agent.getState(), await agent.getLastError(), (await agent.getConversation()).length];
export default { failure, after, again: (await agent.execute("hi")).text };
