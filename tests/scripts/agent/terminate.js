// Terminating an agent cancels what it is doing.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({
  name: "a", model: "mock/script", settings: { responses: [{ text: "late", delay_ms: 60000 }] },
});
async function terminate() {
  while ((await agent.getMetrics()).requests_active === 0) await Utils.sleep(0.001);
  await agent.terminate();
}
const [outcome] = await Promise.all([raised(() => agent.execute("hi")), terminate()]);
export default { outcome: outcome.kind, state: await agent.getState(), afterwards: await raised(() => agent.execute("hi")) };
