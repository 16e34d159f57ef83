-- Lists the names that a template uses.
local jinja = Tool.template_engine { operation = "variables", input = "{{ a }} {% for x in list %}{{ x }}{% endfor %}" }
local bars = Tool.template_engine { operation = "variables", input = "{{#each list}}{{n}}{{/each}} {{name}}" }
return { jinja = jinja.output, handlebars = bars.variables }
