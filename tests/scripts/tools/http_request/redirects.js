// Redirects are followed, counted, limited, and checked.
const ask = async (path, params) => {
  const r = await Tool.http_request({ ...params, input: Args[0] + path });
  return { ok: r.success, kind: r.error_kind, status: r.status_code, count: r.redirects?.length };
};
const one = await Tool.http_request({ input: Args[0] + "/redirect/1" });
export default {
  followed: await ask("/redirect/2", {}),
  url: one.url,
  first: one.metadata.redirects,
  not_followed: await ask("/redirect/2", { follow_redirects: false }),
  too_many: await ask("/redirect/3", { max_redirects: 2 }),
  inside: await ask("/redirect_to?url=http://10.0.0.1/", {}),
  scheme: await ask("/redirect_to?url=file:///etc/passwd", {}),
};
