// A template is a type with its usual values; parameters override them.
import { raised } from "./lib/raised.js";
const agent = await Agent.createFromTemplate("boss", "tool-orchestrator", { model: "mock/tools" });
const calm = await Agent.createFromTemplate("calm", "tool-orchestrator", { model: "mock/tools", temperature: 0 });
const bird = await Agent.createFromTemplate("bird", "basic");
export default {
  templates: await Agent.listTemplates(),
  name: agent.name,
  temperatures: [(await agent.getConfig()).temperature, (await calm.getConfig()).temperature],
  has_tools: await agent.hasTool("calculator"),
  basic: (await bird.execute("hi")).text,
  unknown: await raised(() => Agent.createFromTemplate("x", "lm")),
};
