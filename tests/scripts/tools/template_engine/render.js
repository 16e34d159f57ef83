// Renders a template; Jinja unless it looks like Handlebars.
const r = await Tool.template_engine({
  input: "Hello {{ name | upper }}!{% for t in tags %} #{{ t }}{% endfor %}",
  context: { name: "Ann", tags: ["a", "b"] },
});
export default { output: r.output, data: r.data, operation: r.operation };
