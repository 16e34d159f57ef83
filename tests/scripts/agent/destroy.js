// Destroying an agent ends it and frees its name; its handle is of no use any more.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ name: "short", model: "mock/echo" });
await agent.destroy();
export default {
  found: (await Agent.get("short")) === null,
  list: await Agent.listInstances(),
  twice: await raised(() => agent.destroy()),
  metrics: await raised(() => agent.getMetrics()),
  execute: await raised(() => agent.execute("hi")),
  again: (await (await Agent.create({ name: "short", model: "mock/echo" })).execute("hi")).text,
};
