// What the runtime says of a secret holds none; what a script says stays as it is.
const secret = "sk" + "-" + "verysecretvalue1234567";
let heard;
await Event.on("state.changed", (e) => { heard = e.data.new_value.note; });
const id = await Event.subscribe(["state.changed", "own"]);
await State.save("plan", { note: "take " + secret });
await Event.publish("own", secret);
const told = await Event.receive(id), own = await Event.receive(id);
await Utils.sleep(0.05);
const past = await Event.query({ event_type: "state.*" });
export default {
  told: told.data.new_value, payload: told.payload.new_value, heard, past: past[0].data.new_value,
  own: own.data === secret, stays: (await State.load("plan")).note === "take " + secret,
};
