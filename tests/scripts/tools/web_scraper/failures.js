// What cannot be read: a missing page, a picture, elements nested too deeply; a missing parameter raises.
const failure = (params) => Tool.web_scraper(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind, raised.message],
);
const gone = await Tool.web_scraper({ input: Args[0] + "/status/404" });
export default {
  gone: [gone.error_kind, gone.data.status_code],
  picture: await failure({ input: Args[0] + "/bytes/10" }),
  deep: await failure({ html: "<div>".repeat(10000) }),
  private: await failure({ input: "http://10.0.0.1/" }),
  browser: await failure({ html: "x", render_js: true }),
  input: await failure({}),
};
