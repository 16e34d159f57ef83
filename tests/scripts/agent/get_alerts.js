// Rules on an agent's numbers; each raises at most one alert in its window.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ model: "mock/echo" });
await agent.configureAlerts({ metric: "requests_total", above: 0 });
await agent.execute("a");
await agent.execute("b");
const alerts = await agent.getAlerts();
const { timestamp, ...first } = alerts[0];
await agent.configureAlerts([{ metric: "success_rate", below: 2, severity: "critical", window_s: 0 }]);
await agent.execute("c");
await agent.execute("d");
const all = await agent.getAlerts();
export default {
  count: alerts.length,
  first: { ...first, timestamp: typeof timestamp },
  then_count: all.length,
  last: all[2].severity,
  unknown: await raised(() => agent.configureAlerts({ metric: "error_rat", above: 1 })),
  no_bound: await raised(() => agent.configureAlerts({ metric: "error_rate" })),
  no_rule: await raised(() => agent.configureAlerts(5)),
};
