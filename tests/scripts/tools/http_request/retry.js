// What does no harm is sent again, everything else only if asked.
const fast = { initial_delay_ms: 1, jitter: false };
const ask = async (name, method, retry) => {
  const r = await Tool.http_request({ input: `${Args[0]}/flaky/http-js-${name}/2`, method, retry });
  return [r.status_code, r.metadata.attempts];
};
export default {
  get: await ask("get", "GET", fast),
  post: await ask("post", "POST"),
  post_asked: await ask("asked", "POST", fast),
  never: await ask("never", "GET", false),
  twice: await ask("twice", "GET", { max_attempts: 2 }),
};
