-- Lists links, images, tables and what a page says of itself.
local html = [[<html lang="en"><meta name="author" content="Ann"><a href="/x">X</a><img src="i.png" alt="I">
<table><tr><th>Tea<th>Price<tr><td>Green<td>2</table>]]
local r = Tool.web_scraper {
  html = html, base_url = "https://a.example/d/", extract_links = true, extract_images = true, extract_meta = true,
  extract_tables = true,
}
local short = "<table><caption>Fruit</caption><tr><th>Name<th>Price<tr><td>Apple<td>10<tr><td>Pear</table>"
local written = Tool.web_scraper { html = short, format = "markdown" }
return {
  markdown = written.output,
  links = r.links, image = r.images[1].src, tables = r.tables, meta = { r.data.metadata.author, r.data.metadata.language },
  again = #r.content.links,
}
