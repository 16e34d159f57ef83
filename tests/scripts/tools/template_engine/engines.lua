-- The languages of templates.
local context = { name = "Ann", items = { { n = 1 }, { n = 2 } }, on = true }
local function rendered(input, engine)
  local r = Tool.template_engine { input = input, context = context, engine = engine }
  return { r.output, r.engine }
end
return {
  jinja = rendered("{% if on %}{{ name }}{% endif %}", "jinja"),
  tera = rendered("{{ name | upper }}", "tera"),
  handlebars = rendered("{{#each items}}{{n}},{{/each}}", "handlebars"),
  hbs = rendered("{{#if on}}{{name}}{{/if}}", "hbs"),
  simple = rendered("{{name}} {{items}}", "simple"),
  told_from_text = rendered("{{#if on}}yes{{/if}}"),
}
