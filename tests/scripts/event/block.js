// With `block` the publisher waits for the reader, and nothing is lost.
const id = await Event.subscribe("n", { backpressure: "block", max_queue_size: 2, block_timeout_ms: 10000 });
let sum = 0, last = 0, ordered = true;
await Promise.all([
  (async () => { for (let n = 1; n <= 200; n++) await Event.publish("n", n); })(),
  (async () => {
    for (let i = 0; i < 200; i++) {
      const e = await Event.receive(id);
      ordered = ordered && e.data === last + 1;
      sum += e.data;
      last = e.data;
    }
  })(),
]);
export default { sum, ordered, dropped: (await Event.subscriptionStats(id)).dropped };
