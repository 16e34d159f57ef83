// Past events are found by type, time, data and by what belongs together.
const uuid = "0193b2a0-0000-7000-8000-000000000001";
const id = await Event.subscribe("none");
await Event.publish("q.a", { n: 1 }, { correlation_id: uuid });
await Event.publish("q.b", { n: 2 }, { correlation_id: "batch 7" });
await Event.publish("q.a", { n: 3 }, { correlation_id: uuid });
const numbers = async (query) => (await Event.query(query)).map((e) => e.data.n);
let wrong;
try { await Event.query({ start_time: "soon" }); } catch (e) { wrong = e.kind; }
export default {
  by_type: await numbers({ event_type: "q.*" }),
  correlated: await numbers({ correlation_id: uuid }),
  by_data: await numbers({ event_type: "q.*", filters: { n: 2 } }),
  newest: await numbers({ event_type: "q.*", limit: 2 }),
  later: await numbers({ event_type: "q.*", start_time: "2999-01-01T00:00:00Z" }),
  earlier: await numbers({ event_type: "q.*", end_time: 1000 }),
  hint: (await Event.query({ event_type: "q.b" }))[0].metadata.correlation_hint,
  not_delivered: (await Event.receive(id, 0)) === null,
  wrong,
};
