// HealthChecker: who keeps failing is said, and left alone if so configured.
let broken = true, runs = 0;
await Tool.define({ name: "t", description: "t", execute: () => {
  runs += 1;
  if (broken) throw new Error("broken");
  return "fine";
} });
async function call() {
  try {
    const r = await Tool.invoke("t", {});
    return r.metadata.health_status ?? r.error;
  } catch (e) {
    return [e.kind, e.message];
  }
}
async function calls(count) {
  const outcomes = [];
  for (let i = 0; i < count; i++) outcomes.push(await call());
  return outcomes;
}
const sub = await Event.subscribe("health.*");
await Hook.enableBuiltin("HealthChecker");
const failing = await calls(3);
const unhealthy = (await Hook.metrics()).health["tool:t"];
broken = false;
const recovering = await calls(2);
const events = (await Event.receiveBatch(sub)).map((e) => [e.type, e.data.component, e.data.failures]);
broken = true;
runs = 0;
await Hook.enableBuiltin("HealthChecker", { unhealthy_threshold: 2, healthy_threshold: 1, on_unhealthy: "cancel" });
const refused = await calls(4);
const refusedRuns = runs;
await Hook.enableBuiltin("HealthChecker", { unhealthy_threshold: 1, check_interval: 0, on_unhealthy: "cancel" });
const tried = await calls(3);
await Hook.enableBuiltin("HealthChecker", { unhealthy_threshold: 1, checks: { ping: { operation: "tool:calculator", parameters: { input: "1 / 0" } } } });
await call();
let check;
while (!check) {
  await Utils.sleep(0.005);
  check = (await Hook.metrics()).health.ping;
}
export default { failing, unhealthy, recovering, events, refused, runs: refusedRuns, tried, check: check.healthy };
