// Functions are called when the script waits, one after the other; one that fails stays subscribed.
const seen = [];
const first = await Event.subscribe("a.*", (e) => { seen.push("1:" + e.data); });
await Event.on("a.*", (e) => { seen.push("2:" + e.data); if (e.data === 1) throw new Error("no"); });
await Event.subscribe("a.*", (e) => { seen.push("3:" + e.data); }, { filter: { "x.y": 1 } });
await Event.subscribe("b", async () => { await Event.publish("a.from", 9); });
const publishing = [1, 2].map((n) => Event.publish("a.n", n));
const before = seen.length;
await Promise.all(publishing);
await Utils.sleep(0.05);
const after = seen.join(" ");
await Event.publish("b");
await Utils.sleep(0.05);
const nested = seen[seen.length - 1];
const gone = [await Event.unsubscribe(first), await Event.unsubscribe(first)];
await Event.publish("a.n", 3);
await Utils.sleep(0.05);
const raised = async (...args) => {
  try {
    await Event.on(...args);
  } catch (e) {
    return [e.kind, e.message];
  }
};
export default { missing: await raised("a"), wrong: (await raised("a", { filter: {} }))[0], before, after, nested, gone, last: seen[seen.length - 1] };
