// State, metrics, configuration and composition of one agent.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({
  name: "clerk", model: "mock/echo", system_prompt: "Be exact.", temperature: 0.5, tools: ["calculator"],
});
await agent.execute("hi");
const details = await Agent.getDetails("clerk");
export default {
  id: details.id === agent.id,
  name: details.name,
  description: details.description,
  state: details.state,
  requests: [details.metrics.requests_total, details.metrics.requests_failed],
  config: details.config,
  composition: details.composition,
  unknown: await raised(() => Agent.getDetails("clark")),
};
