// What answers is no browser; what is no page needs none; without `render_js` nothing is waited for.
const told = async (params) => {
  const r = await Tool.web_scraper(params);
  return { success: r.success, kind: r.error_kind, output: r.output, warnings: r.metadata.warnings };
};
const site = Args[0];
const stranger = await Tool.web_scraper({ url: site + "/html", render_js: true });
export default {
  stranger: [stranger.error_kind, stranger.error.match(/^the browser answered 404/)[0]],
  given: await told({ html: "<p>x", wait_for_js: true }),
  text: (await told({ url: site + "/json", render_js: true, format: "text" })).success,
  gone: (await told({ url: site + "/status/404", render_js: true })).kind,
  private: (await told({ url: "http://10.0.0.1/", render_js: true })).kind,
  ahead: await told({ html: "<p>x", wait_for: ".late" }),
  negative: (await told({ html: "<p>x", render_js: true, wait_for: -1 })).kind,
};
