// A filter is a function or a map from data path to value; one that raises lets nothing pass. What did not pass was not
// received.
async function passed(filter) {
  const id = await Event.subscribe("n", { filter });
  for (let n = 1; n <= 4; n++) await Event.publish("n", { n, odd: n % 2 === 1, deep: { list: [n] } });
  const found = (await Event.receiveBatch(id, { timeout_ms: 0 })).map((e) => e.data.n);
  const received = (await Event.subscriptionStats(id)).total_received;
  await Event.unsubscribe(id);
  return { found, received };
}
export default {
  by_function: await passed((e) => e.data.n > 2),
  by_value: await passed({ odd: true }),
  by_path: await passed({ "deep.list.0": 4 }),
  raising: await passed(() => { throw new Error("no"); }),
};
