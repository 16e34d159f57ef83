// A delivery that fails is sent again, until there are enough.
const call = async (name, params) => {
  const r = await Tool.webhook_caller({ ...params, url: `${Args[0]}/flaky/hook-js-${name}/2`, retry_delay_ms: 1 });
  const statuses = r.attempts.map((attempt) => attempt.status_code);
  return { ok: r.success, kind: r.error_kind, status: r.status_code, retries: r.retry_count, statuses };
};
export default {
  by_default: await call("default", {}),
  too_few: await call("few", { max_retries: 1 }),
  none: await call("none", { retries: 0 }),
  other_status: await call("other", { retry_on_status: [500] }),
  wanted: await call("wanted", { expected_status: 503 }),
};
