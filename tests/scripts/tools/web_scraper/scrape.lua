-- Reads a page: its text, Markdown, HTML or structure; given HTML as well.
local page = Tool.web_scraper { input = Args[1] .. "/web/moved" }
local function format(name) return Tool.web_scraper({ url = Args[1] .. "/web/page", format = name }).output end
local given = Tool.web_scraper { html = "<p>a<script>x</script><p hidden>b<p>c", operation = "read" }
return {
  output = page.output, title = page.title, status = page.status_code, final = page.final_url,
  markdown = format("markdown"), html = format("html"):sub(1, 15), json = format("json"), given = given.output,
}
