// Collects the URLs of a site from its sitemaps.
const input = Args[0] + "/web/sitemap.xml";
const r = await Tool.sitemap_crawler({ input });
const first = await Tool.sitemap_crawler({ url: input, max_urls: 1, operation: "parse" });
const numbers = await Tool.sitemap_crawler({ input, max_urls: 0 });
const filtered = await Tool.sitemap_crawler({ input, include: "/web/page$", check: true });
export default {
  output: r.output, first_url: r.urls[0], count: r.count, processed: r.stats.sitemaps_processed, errors: r.errors,
  first: [first.count, first.has_more],
  numbers: [numbers.count, numbers.stats.total_urls_discovered],
  filtered: [filtered.output, filtered.urls[0].status_code],
};
