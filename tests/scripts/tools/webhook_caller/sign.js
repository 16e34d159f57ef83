// The signature is what the receiver computes over the bytes that it gets.
const call = async (sign, payload) =>
  (await Tool.webhook_caller({ input: Args[0] + "/echo", payload, sign })).output.headers;
const hmac = async (input, algorithm = "sha256") =>
  (await Tool.hash_calculator({ operation: "hmac", input, key: "s3cret-key", algorithm })).output;
const secret = "s3cret-key";
const timed = await call({ secret, timestamp_header: "X-Time", header: "X-Sign", format: "{hex}" }, "event");
export default {
  usual: (await call({ secret }, "event"))["x-signature-256"] === "sha256=" + (await hmac("event")),
  table: (await call({ secret }, { a: 1 }))["x-signature-256"] === "sha256=" + (await hmac('{"a":1}')),
  sha1: (await call({ secret, algorithm: "sha1", header: "X-Hub" }, "event"))["x-hub"] === "sha1=" + (await hmac("event", "sha1")),
  timed: timed["x-sign"] === (await hmac(timed["x-time"] + ".event")),
  github: (await call({ secret: "It's a Secret to Everybody" }, "Hello, World!"))["x-signature-256"],
};
