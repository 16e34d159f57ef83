// Syntax errors have a line; templates that never end do end; missing parameters raise.
const failure = (params) => Tool.template_engine(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind, raised.message],
);
const syntax = await Tool.template_engine({ input: "one\n{% if %}" });
export default {
  syntax: [syntax.error_kind, syntax.metadata.details.line],
  bars: await failure({ input: "{{#if x}}", engine: "handlebars" }),
  filter: await failure({ input: "{{ 'a' | no_such_filter }}" }),
  range: await failure({ input: "{% for i in range(100000000) %}x{% endfor %}" }),
  recursion: await failure({ input: "{% include 'a' %}", partials: { a: "{% include 'a' %}" } }),
  engine: await failure({ input: "x", engine: "quill" }),
  input: await failure({}),
  type: await failure({ input: "x", context: "text" }),
};
