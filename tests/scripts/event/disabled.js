// Switched off, the functions say which key switches them on.
const failed = (call) => call.catch((e) => [false, e.kind, e.message, e.hints[0]]);
export default {
  publish: await failed(Event.publish("n", 1)), subscribe: await failed(Event.subscribe("n")),
  on: await failed(Event.on("n", () => {})), receive: await failed(Event.receive("sub_1")),
  query: await failed(Event.query({})), stats: await failed(Event.getStats()),
};
