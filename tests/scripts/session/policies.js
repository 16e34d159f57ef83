// Policies of a session: what they refuse and with what, when they warn, what several of them decide together.
const session = async (policies) => {
  const id = await Session.create({ config: { policies } });
  await Session.setCurrent(id);
  return id;
};
const calculate = async () => {
  const r = await Tool.calculator({ input: "1 + 1" });
  return r.success ? "made" : r.error_kind;
};
const refused = (policies) => Session.create({ config: { policies } }).then(() => [true], (e) => [false, e.kind, e.message]);
const lives = await session({ timeout: { max_session_duration: 1 } }), idles = await session({ timeout: { idle_timeout: 1 } });
const warnings = await Event.subscribe("session.policy.warning");

const counted = await session({ resource: { max_operations: 2 } });
const operations = [await calculate(), await calculate(), await calculate(), (await Session.get(counted)).status];
const full = (await Tool.calculator({ input: "1" })).error;
const said = async (id) => {
  const events = (await Event.receiveBatch(warnings, { timeout_ms: 0 })).map((event) => event.data);
  return events.filter((d) => d.session_id === id).map((d) => [d.policy, d.resource, d.remaining]);
};
const warned = await said(counted);
const ending = await session({ timeout: { max_session_duration: 100 } });
await calculate();
const near = await said(ending);

await session({ rate_limit: { session: 2, burst: 1 } });
const rates = [await calculate(), await calculate(), await calculate()];
await session({ rate_limit: { per_operation: { state_update: 1 }, burst: 1 } });
await State.save("a", 1);
const early = await State.save("a", 2).catch((e) => e);
await session({ rate_limit: { session: 50, burst: 0.02, window: 1, action: "retry" } });
const waited = [await calculate(), await calculate(), await calculate()];

const together = async (composition) => {
  await session({ resource: { max_operations: 0 }, rate_limit: true, composition });
  return calculate();
};
const all = [await together(null), await together("parallel"), await together("voting"), await together({ type: "voting", threshold: 0.9 })];

await Session.setCurrent(null);
await Utils.sleep(1.1);
await Session.setCurrent(lives);
const old = await Tool.calculator({ input: "1" });
await Session.setCurrent(idles);
const idle = await Tool.calculator({ input: "1" });
await Session.setCurrent(null);
export default {
  operations, full, warned, near: [near.length, near[0][0], near[0][1], near[0][2] <= 100 && near[0][2] > 90],
  rates, early: [!(early instanceof SpellError), early.kind, early.message, early.details.retry_after_ms > 0], waited, all,
  old: [old.error_kind, old.error], idle: [idle.error_kind, idle.error], status: [(await Session.get(lives)).status, (await Session.get(idles)).status],
  config: (await Session.get(counted)).config.policies.resource.max_tokens,
  refused: [await refused({ timeuot: true }), await refused({ timeout: 5 }), (await refused({ resource: { tokens: 1 } }))[1], (await refused({ composition: "most" }))[1]],
};
