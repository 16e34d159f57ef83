// An agent's states: it is made ready, runs, is paused, goes on, stops, ends.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ name: "a", model: "mock/echo" });
const states = [["create", await agent.getAgentState()]];
const too_early = await raised(() => agent.start());
for (const verb of [
  "initialize", "initialize", "start", "start", "pause", "pause", "resume", "resume", "stop", "stop", "pause", "start", "terminate", "terminate",
]) {
  await agent[verb]();
  states.push([verb, await agent.getAgentState()]);
}
export default { states, too_early, too_late: await raised(() => agent.initialize()) };
