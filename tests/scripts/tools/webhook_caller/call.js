// An event is delivered as JSON, or text as it is.
const call = (params) => Tool.webhook_caller({ ...params, input: Args[0] + "/echo" });
const r = await call({ payload: { event: "done" } });
const echo = r.output;
const text = await call({ body: "plain", method: "PUT", operation: "send" });
const get = await call({ payload: { a: 1 }, method: "GET" });
export default {
  envelope: [r.success, r.operation, r.data.success],
  sent: [echo.method, echo.body, echo.headers["content-type"]],
  key: r.idempotency_key === echo.headers["idempotency-key"] && r.idempotency_key.length === 36,
  url: r.webhook_url,
  status: [r.status_code, r.status_text],
  response: [r.response.body_is_json, r.response.json.method, r.response.body.slice(0, 1), r.response.headers["content-type"]],
  retries: [r.retry_count, r.retries_attempted, r.attempts.length, r.attempts[0].status_code],
  is_timed: r.response_time_ms > 0,
  text: [text.output.method, text.output.body, text.output.headers["content-type"]],
  get: [get.output.method, get.output.body],
  own_key: (await call({ idempotency_key: "mine" })).output.headers["idempotency-key"],
  no_key: (await call({ idempotency_key: false })).output.headers["idempotency-key"] === undefined,
};
