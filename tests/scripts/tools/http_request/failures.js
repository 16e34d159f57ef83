// Private addresses, bombs, injected headers and slow servers; parameters of the wrong shape raise.
const failure = (params) =>
  Tool.http_request({ input: Args[0] + "/echo", retry: false, ...params }).then(
    (r) => [r.success, r.error_kind],
    (raised) => ["raised", raised.kind, raised.message],
  );
export default {
  private: await failure({ input: "http://10.0.0.1/" }),
  metadata: await failure({ input: "http://169.254.169.254/latest/meta-data/" }),
  decimal: await failure({ input: "http://167772161/" }),
  scheme: await failure({ input: "file:///etc/passwd" }),
  password: await failure({ input: "http://ann:open-sesame@127.0.0.1/" }),
  bomb: await failure({ input: Args[0] + "/bomb" }),
  slow: await failure({ input: Args[0] + "/slow", timeout_ms: 200 }),
  injected: await failure({ headers: { "X-A": "1\r\nX-B: 2" } }),
  host: await failure({ headers: { Host: "elsewhere" } }),
  no_url: await failure({ input: "example" }),
  method: await failure({ method: "FETCH" }),
  two_bodies: await failure({ method: "POST", body: "a", json: 1 }),
  bytes: await failure({ method: "POST", json: { a: [new Uint8Array([255])] } }),
  missing: await Tool.http_request({}).catch((raised) => [false, raised.message]),
  unknown: await failure({ heders: {} }),
  type: await failure({ headers: "x" }),
  auth: await failure({ auth: { type: "magic" } }),
};
