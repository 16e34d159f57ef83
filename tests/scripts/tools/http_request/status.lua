-- Every status is an answer, unless said otherwise.
local function ask(code, params)
  params.input, params.retry = Args[1] .. "/status/" .. code, false
  local r = Tool.http_request(params)
  return { ok = r.success, kind = r.error_kind, status = r.status_code, body = r.body }
end
local failed = Tool.http_request { input = Args[1] .. "/status/404", expected_status = 200 }
return {
  not_found = ask(404, {}),
  failed = ask(404, { fail_on_error = true }),
  range = ask(500, { expected_status = "200-299" }),
  listed = ask(404, { expected_status = { 200, 404 } }),
  no_content = ask(204, { expected_status = 204 }),
  details = failed.metadata.details.status,
  told = { failed.metadata.url == Args[1] .. "/status/404", failed.metadata.attempts, failed.metadata.status_code },
}
