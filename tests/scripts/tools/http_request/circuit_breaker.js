// A host that keeps failing is left alone for a while; nonsense counts for nothing.
const ask = (path) => Tool.http_request({ input: Args[0] + path, timeout_ms: 200 });
await ask("/slow");
await ask("/slow");
const refused = await ask("/status/200");
let nonsense;
for (let n = 0; n < 4; n++) nonsense = await Tool.base64_encoder({ operation: "decode", input: "***" });
export default {
  refused: [refused.success, refused.error_kind, refused.error.includes("circuit breaker open"), refused.error.includes("127.0.0.1")],
  nonsense: !nonsense.error.includes("circuit"),
};
