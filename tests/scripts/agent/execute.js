// An agent answers a prompt; the answer acts as its text.
const agent = await Agent.create({ name: "helper", model: "mock/echo" });
const answer = await agent.execute("What is 6*7?");
export default {
  text: [answer.text, answer.content, answer.output],
  as_text: [String(answer), `A: ${answer}`],
  success: answer.success,
  finish_reason: answer.finish_reason,
  model: answer.model,
  turns: answer.turns,
  tool_calls: answer.tool_calls,
};
