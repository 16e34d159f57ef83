-- Templates that include others.
local context = { name = "Ann" }
return {
  jinja = Tool.template_engine({
    input = "{% include 'head' %} world", partials = { head = "hello {{ name }}," }, context = context,
  }).output,
  handlebars = Tool.template_engine({
    input = "{{> head}} world", partials = { head = "hello {{name}}," }, context = context,
  }).output,
}
