// The rate limit of a provider holds for all agents together.
import { raised } from "./lib/raised.js";
const first = await Agent.create({ model: "slow/echo" });
const second = await Agent.create({ model: "slow/echo", timeout_ms: 1000 });
export default { first: (await first.execute("a")).text, second: (await raised(() => second.execute("b"))).kind };
