-- Collects the URLs of a site from its sitemaps.
local r = Tool.sitemap_crawler { input = Args[1] .. "/web/sitemap.xml" }
local first = Tool.sitemap_crawler { url = Args[1] .. "/web/sitemap.xml", max_urls = 1, operation = "parse" }
local numbers = Tool.sitemap_crawler { input = Args[1] .. "/web/sitemap.xml", max_urls = 0 }
local filtered = Tool.sitemap_crawler { input = Args[1] .. "/web/sitemap.xml", include = "/web/page$", check = true }
return {
  output = r.output, first_url = r.urls[1], count = r.count, processed = r.stats.sitemaps_processed, errors = r.errors,
  first = { first.count, first.has_more },
  numbers = { numbers.count, numbers.stats.total_urls_discovered },
  filtered = { filtered.output, filtered.urls[1].status_code },
}
