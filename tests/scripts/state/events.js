// A value that changes is told, a secret's is not shown.
const sub = await Event.subscribe("state.changed");
await State.save("n", 1);
await State.save("n", 1);
await State.save("user:1", "n", { a: 1 });
await State.compareAndSet("global", "n", 1, 2);
await State.compareAndSet("global", "n", 1, 3);
await State.delete("n");
await State.delete("n");
await State.save("api_token", "t0psecret");
await State.save("api_token", "t0psecret2");
const events = await Event.receiveBatch(sub, { timeout_ms: 500 });
const seen = events.map((e) => [e.data.scope, e.data.key, e.data.old_value ?? "none", e.data.new_value ?? "none", e.source.component]);
export default { seen, token: await State.load("api_token") };
