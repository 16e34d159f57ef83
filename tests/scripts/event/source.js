// Who published an event is its component where text is wanted, for functions as for what is received.
const seen = {};
const admit = (e) => { seen.filter = "from " + e.source; return true; };
const note = (e) => { seen.subscribe = [String(e.source), `from ${e.source}`, e.source.component]; };
const received = await Event.subscribe("a");
await Event.subscribe("a", note, { filter: admit });
await Event.on("a", (e) => { seen.on = [String(e.source), e.data]; });
await Event.publish("a", 1, { source: "till" });
await Utils.sleep(0.05);
seen.receive = String((await Event.receive(received)).source);
export default seen;
