-- Takes parts of a page by CSS selectors.
local function scrape(params)
  params.input = Args[1] .. "/web/page"
  return Tool.web_scraper(params)
end
return {
  one = scrape({ selector = "li" }).output,
  attribute = scrape({ selector = "a@href" }).output,
  named = scrape({ selectors = { heading = "h1", items = "li", none = ".none", link = { css = "a", attr = "href" } } }).output,
  wrong = scrape({ selector = "p[" }).error_kind,
}
