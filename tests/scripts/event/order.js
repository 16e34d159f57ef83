// Each subscription gets its own copy, in the order of publishing, of what is published after it was made and until it ends.
await Event.publish("o.early", 0);
const all = await Event.subscribe("o.**"), odd = await Event.subscribe("o.odd");
for (let n = 1; n <= 6; n++) await Event.publish(n % 2 === 1 ? "o.odd" : "o.even", { n });
const first = await Event.receive(all);
first.data.n = "changed";
const rest = await Event.receiveBatch(all);
let gaps = 0;
rest.forEach((e, i) => { gaps += e.sequence - (i === 0 ? first : rest[i - 1]).sequence - 1; });
const copy = (await Event.receive(odd)).data.n;
const gone = await Event.unsubscribe(odd);
let e;
try { await Event.receive(odd, 0); } catch (raised) { e = raised; }
await Event.publish("o.odd", 7);
export default {
  numbers: rest.map((e) => e.data.n), gaps, copy, gone, after: [e.kind, e.message === "No active subscription found: " + odd],
  stats: await Event.subscriptionStats(all),
};
