// An agent waits for its rate; it raises `rate_limited` where the wait would exceed its timeout.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({
  name: "slow", model: "mock/echo", timeout_ms: 1000,
  rate_limit: { requests_per_minute: 1 },
});
const first = (await agent.execute("a")).text;
const [success, err] = await agent.execute("b").then(() => [true], (err) => [false, err]);
export default {
  first,
  second: [success, err.kind, err.message.match(/^[^\d]+/)[0]],
  retry_after_ms: err.details.retry_after_ms > 1000,
  third: (await raised(() => agent.execute("c"))).kind,
};
