// Reads a page: its text, Markdown, HTML or structure; given HTML as well.
const page = await Tool.web_scraper({ input: Args[0] + "/web/moved" });
const format = async (name) => (await Tool.web_scraper({ url: Args[0] + "/web/page", format: name })).output;
const given = await Tool.web_scraper({ html: "<p>a<script>x</script><p hidden>b<p>c", operation: "read" });
export default {
  output: page.output, title: page.title, status: page.status_code, final: page.final_url,
  markdown: await format("markdown"), html: (await format("html")).slice(0, 15), json: await format("json"),
  given: given.output,
};
