// Every status is an answer, unless said otherwise.
const ask = async (code, params) => {
  const r = await Tool.http_request({ ...params, input: Args[0] + "/status/" + code, retry: false });
  return { ok: r.success, kind: r.error_kind, status: r.status_code, body: r.body };
};
const failed = await Tool.http_request({ input: Args[0] + "/status/404", expected_status: 200 });
export default {
  not_found: await ask(404, {}),
  failed: await ask(404, { fail_on_error: true }),
  range: await ask(500, { expected_status: "200-299" }),
  listed: await ask(404, { expected_status: [200, 404] }),
  no_content: await ask(204, { expected_status: 204 }),
  details: failed.metadata.details.status,
  told: [failed.metadata.url === Args[0] + "/status/404", failed.metadata.attempts, failed.metadata.status_code],
};
