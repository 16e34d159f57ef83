// An answer in full: JSON is a value.
const r = await Tool.http_request({ input: Args[0] + "/json" });
export default {
  envelope: [r.success, r.operation],
  output: r.output,
  status: [r.status_code, r.status, r.status_text, r.ok],
  content_type: r.content_type,
  url: r.url,
  redirects: r.redirects.length,
  size: r.size,
  text: r.body_text,
  is_dated: /^\d+-\d+-\d+T/.test(r.timestamp),
  metadata: [r.metadata.url, r.metadata.status_code, r.metadata.attempts, r.metadata.bytes],
  is_timed: r.metadata.timing.first_byte_ms > 0,
  message: r.message.startsWith("GET http://"),
};
