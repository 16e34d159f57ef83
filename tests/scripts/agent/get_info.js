// What a type of agents needs and takes.
import { raised } from "./lib/raised.js";
export default {
  llm: await Agent.getInfo("llm"),
  basic: await Agent.getInfo("basic"),
  unknown: await raised(() => Agent.getInfo("robot")),
};
