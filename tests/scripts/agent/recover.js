// An agent in the state Error is recovered; a fourth recovery without a success in between is refused.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ name: "a", model: "mock/echo" });
await agent.setError("disk is full");
const broken = [
  await agent.getState(), await agent.getLastError(), await agent.isHealthy(), await raised(() => agent.execute("hi")), await agent.getLastError(),
];
await agent.recover();
const well = [
  await agent.getState(), (await agent.getLastError()) === null, await agent.getRecoveryAttempts(), await agent.isHealthy(),
];
for (let round = 0; round < 2; round++) {
  await agent.setError("again");
  await agent.recover();
}
await agent.setError("once too often");
const refused = await raised(() => agent.recover());
const other = await Agent.create({ model: "mock/echo" });
for (let round = 0; round < 4; round++) {
  await other.setError("again");
  await other.recover();
  await other.execute("a success");
}
export default { broken, well, refused, with_successes: await other.getRecoveryAttempts() };
