-- An event is delivered as JSON, or text as it is.
local function call(params)
  params.input = Args[1] .. "/echo"
  return Tool.webhook_caller(params)
end
local r = call { payload = { event = "done" } }
local echo = r.output
local text = call { body = "plain", method = "PUT", operation = "send" }
local get = call { payload = { a = 1 }, method = "GET" }
return {
  envelope = { r.success, r.operation, r.data.success },
  sent = { echo.method, echo.body, echo.headers["content-type"] },
  key = r.idempotency_key == echo.headers["idempotency-key"] and #r.idempotency_key == 36,
  url = r.webhook_url,
  status = { r.status_code, r.status_text },
  response = { r.response.body_is_json, r.response.json.method, r.response.body:sub(1, 1), r.response.headers["content-type"] },
  retries = { r.retry_count, r.retries_attempted, #r.attempts, r.attempts[1].status_code },
  is_timed = r.response_time_ms > 0,
  text = { text.output.method, text.output.body, text.output.headers["content-type"] },
  get = { get.output.method, get.output.body },
  own_key = call { idempotency_key = "mine" }.output.headers["idempotency-key"],
  no_key = call { idempotency_key = false }.output.headers["idempotency-key"] == nil,
}
