// The languages of templates.
const context = { name: "Ann", items: [{ n: 1 }, { n: 2 }], on: true };
async function rendered(input, engine) {
  const r = await Tool.template_engine({ input, context, engine });
  return [r.output, r.engine];
}
export default {
  jinja: await rendered("{% if on %}{{ name }}{% endif %}", "jinja"),
  tera: await rendered("{{ name | upper }}", "tera"),
  handlebars: await rendered("{{#each items}}{{n}},{{/each}}", "handlebars"),
  hbs: await rendered("{{#if on}}{{name}}{{/if}}", "hbs"),
  simple: await rendered("{{name}} {{items}}", "simple"),
  told_from_text: await rendered("{{#if on}}yes{{/if}}"),
};
