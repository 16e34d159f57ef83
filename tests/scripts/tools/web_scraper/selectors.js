// Takes parts of a page by CSS selectors.
const scrape = (params) => Tool.web_scraper({ input: Args[0] + "/web/page", ...params });
export default {
  one: (await scrape({ selector: "li" })).output,
  attribute: (await scrape({ selector: "a@href" })).output,
  named: (await scrape({
    selectors: { heading: "h1", items: "li", none: ".none", link: { css: "a", attr: "href" } },
  })).output,
  wrong: (await scrape({ selector: "p[" })).error_kind,
};
