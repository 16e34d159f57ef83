// A composite is an agent made of others; without a strategy each delegate gets what the one before it said.
import { raised } from "./lib/raised.js";
import { ask } from "./lib/team.js";
const line = await Agent.createComposite("line", ["poet", "loud"]);
const nested = await Agent.createComposite("nested", ["line", "cook"]);
const first = await ask(line, "hi");
const answer = await nested.execute("hi");
const said = await nested.getConversation();
export default {
  line: first,
  nested: [answer.text, answer.metadata.delegates],
  usage_is_summed: answer.usage.total_tokens > 0,
  said: [said.length, said[0].content, said[1].content],
  agent: [line.name, (await Agent.get("line")).id === line.id, (await line.getConfig()).agent_type],
  taken: await raised(() => Agent.createComposite("line", ["poet"])),
  delegate: await raised(() => Agent.createComposite("z", ["pot"])),
  strategy: await raised(() => Agent.createComposite("z", ["poet"], { routing_strategy: "serial" })),
  nobody: await raised(() => Agent.createComposite("z", [])),
};
