// An execution that takes longer than `timeout_ms` raises; every tool call in the conversation has a result all the same.
import { raised } from "./lib/raised.js";
const late = await Agent.create({
  name: "late", model: "mock/script", timeout_ms: 50, settings: { responses: [{ text: "late", delay_ms: 60000 }] },
});
const slow = { name: "slow", execute: () => Utils.sleep(60) };
const patient = await Agent.create({
  name: "patient", model: "mock/script", timeout_ms: 50, tools: [slow],
  settings: { responses: [{ tool_calls: [{ name: "slow" }] }, "done"] },
});
async function after(agent) {
  const failure = await raised(() => agent.execute("go"));
  const roles = (await agent.getConversation()).map((message) => message.role);
  return { failure, roles, state: await agent.getState() };
}
export default { model: await after(late), tool: await after(patient) };
