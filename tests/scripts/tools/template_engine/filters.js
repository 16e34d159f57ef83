// Filters of Jinja.
const context = { text: "  hello world ", list: ["a", "b"], n: 3.14159, day: "2024-05-15" };
const rendered = async (input) => (await Tool.template_engine({ input, context })).output;
export default {
  upper: await rendered("{{ text | trim | upper }}"),
  lower: await rendered("{{ 'ABC' | lower }}"),
  title: await rendered("{{ text | trim | title }}"),
  default: await rendered("{{ nothing | default('none') }}"),
  join: await rendered("{{ list | join('-') }}"),
  length: await rendered("{{ list | length }}"),
  replace: await rendered("{{ 'a-b' | replace('-', '+') }}"),
  round: await rendered("{{ n | round(2) }}"),
  date: await rendered("{{ day | date('%d.%m.%Y') }}"),
  json: await rendered("{{ list | json }}"),
  urlencode: await rendered("{{ 'a b&c' | urlencode }}"),
  truncate: await rendered("{{ 'one two three' | truncate(7) }}"),
  wordwrap: await rendered("{{ 'one two three' | wordwrap(7) }}"),
  slugify: await rendered("{{ 'Hello, World!' | slugify }}"),
};
