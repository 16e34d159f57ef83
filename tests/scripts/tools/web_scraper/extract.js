// Lists links, images, tables and what a page says of itself.
const html = `<html lang="en"><meta name="author" content="Ann"><a href="/x">X</a><img src="i.png" alt="I">
<table><tr><th>Tea<th>Price<tr><td>Green<td>2</table>`;
const r = await Tool.web_scraper({
  html, base_url: "https://a.example/d/", extract_links: true, extract_images: true, extract_meta: true,
  extract_tables: true,
});
const short = "<table><caption>Fruit</caption><tr><th>Name<th>Price<tr><td>Apple<td>10<tr><td>Pear</table>";
const written = await Tool.web_scraper({ html: short, format: "markdown" });
export default {
  markdown: written.output,
  links: r.links, image: r.images[0].src, tables: r.tables, meta: [r.data.metadata.author, r.data.metadata.language],
  again: r.content.links.length,
};
