// Templates that include others.
const context = { name: "Ann" };
const rendered = async (input, head) => (await Tool.template_engine({ input, partials: { head }, context })).output;
export default {
  jinja: await rendered("{% include 'head' %} world", "hello {{ name }},"),
  handlebars: await rendered("{{> head}} world", "hello {{name}},"),
};
