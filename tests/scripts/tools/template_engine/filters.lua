-- Filters of Jinja.
local context = { text = "  hello world ", list = { "a", "b" }, n = 3.14159, day = "2024-05-15" }
local function rendered(input) return Tool.template_engine({ input = input, context = context }).output end
return {
  upper = rendered("{{ text | trim | upper }}"),
  lower = rendered("{{ 'ABC' | lower }}"),
  title = rendered("{{ text | trim | title }}"),
  default = rendered("{{ nothing | default('none') }}"),
  join = rendered("{{ list | join('-') }}"),
  length = rendered("{{ list | length }}"),
  replace = rendered("{{ 'a-b' | replace('-', '+') }}"),
  round = rendered("{{ n | round(2) }}"),
  date = rendered("{{ day | date('%d.%m.%Y') }}"),
  json = rendered("{{ list | json }}"),
  urlencode = rendered("{{ 'a b&c' | urlencode }}"),
  truncate = rendered("{{ 'one two three' | truncate(7) }}"),
  wordwrap = rendered("{{ 'one two three' | wordwrap(7) }}"),
  slugify = rendered("{{ 'Hello, World!' | slugify }}"),
}
