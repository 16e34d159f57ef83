// An execution ends at the agent's own limit. The conversation stays valid: the open tool call has a result.
const nap = { name: "nap", description: "Sleeps", execute: () => Utils.sleep(3600) };
const agent = await Agent.create({
  name: "ann", model: "mock/any", tools: [nap], timeout_ms: 50,
  settings: { responses: [{ tool_calls: [{ name: "nap" }] }, "rested"] },
});
const raised = await agent.execute("Have a rest").catch((raised) => raised);
const roles = (await agent.getConversation()).map((message) => message.role);
export default {
  ok: !(raised instanceof SpellError), kind: raised.kind, op: raised.op, roles, state: await agent.getState(),
};
