// What is wrong with a configuration is named.
import { raised } from "./lib/raised.js";
const refused = (cfg) => raised(() => Agent.create({ model: "mock/echo", ...cfg }));
export default {
  provider: await refused({ model: "nobody/x" }),
  provider_field: await refused({ provider: "nobody", model: "x" }),
  empty_model: await refused({ model: "" }),
  tool: await refused({ tools: ["calculater"] }),
  no_tool: await refused({ tools: [5] }),
  temperature: await refused({ temperature: 3 }),
  agent_type: await refused({ agent_type: "lmm" }),
  schema: await refused({ schema: { type: "nonsense" } }),
  timeout: await refused({ timeout_ms: 0 }),
  blank_name: await refused({ name: " " }),
  name_type: await refused({ name: ["a"] }),
  history: await refused({ max_conversation_length: 0 }),
  turns: await refused({ resource_limits: { max_turns: 0 } }),
  depth: await refused({ resource_limits: { max_recursion_depth: 0 } }),
  cost: await refused({ resource_limits: { max_cost_usd: -1 } }),
};
