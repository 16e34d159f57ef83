// What is no sitemap, and what is not reached.
const failure = (params) => Tool.sitemap_crawler(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  bomb: await failure({ input: Args[0] + "/web/bomb.xml" }),
  page: await failure({ input: Args[0] + "/web/page" }),
  missing: await failure({ input: Args[0] + "/status/404" }),
  private: await failure({ input: "http://10.0.0.1/sitemap.xml" }),
  limit: await failure({ input: Args[0], max_depth: 11 }),
  input: await failure({}),
};
