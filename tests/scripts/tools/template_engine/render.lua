-- Renders a template; Jinja unless it looks like Handlebars.
local r = Tool.template_engine {
  input = "Hello {{ name | upper }}!{% for t in tags %} #{{ t }}{% endfor %}",
  context = { name = "Ann", tags = { "a", "b" } },
}
return { output = r.output, data = r.data, operation = r.operation }
