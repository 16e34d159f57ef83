// Lists the names that a template uses.
const jinja = await Tool.template_engine({
  operation: "variables", input: "{{ a }} {% for x in list %}{{ x }}{% endfor %}",
});
const bars = await Tool.template_engine({ operation: "variables", input: "{{#each list}}{{n}}{{/each}} {{name}}" });
export default { jinja: jinja.output, handlebars: bars.variables };
