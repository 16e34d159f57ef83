// Refusals are not repeated; values that do not fit say so.
const failure = (params) =>
  Tool.webhook_caller({ input: Args[0] + "/echo", ...params }).then(
    (r) => [r.success, r.error_kind],
    (raised) => ["raised", raised.kind],
  );
export default {
  private: await failure({ input: "http://10.0.0.1/hook" }),
  redirected: await failure({ input: Args[0] + "/redirect_to?url=http://10.0.0.1/", method: "GET" }),
  status: await failure({ input: Args[0] + "/status/410" }),
  slow: await failure({ input: Args[0] + "/slow", timeout_ms: 100, retries: 0 }),
  method: await failure({ method: "HEAD" }),
  retries: await failure({ max_retries: 11 }),
  preset: await failure({ preset: "irc", payload: "x" }),
  message: await failure({ preset: "slack", payload: { nothing: 1 } }),
  secret: await failure({ sign: { secret: "" } }),
  digest: await failure({ sign: { secret: "s3cret-key", algorithm: "md5" } }),
  no_secret: await failure({ sign: {} }),
  injected: await failure({ idempotency_key: "a\r\nX-B: 2" }),
  unknown: await failure({ pauload: {} }),
  type: await failure({ max_retries: "many" }),
};
