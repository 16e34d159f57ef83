-- Syntax errors have a line; templates that never end do end; missing parameters raise.
local function failure(params)
  local ok, r = pcall(Tool.template_engine, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
local syntax = Tool.template_engine { input = "one\n{% if %}" }
return {
  syntax = { syntax.error_kind, syntax.metadata.details.line },
  bars = failure { input = "{{#if x}}", engine = "handlebars" },
  filter = failure { input = "{{ 'a' | no_such_filter }}" },
  range = failure { input = "{% for i in range(100000000) %}x{% endfor %}" },
  recursion = failure { input = "{% include 'a' %}", partials = { a = "{% include 'a' %}" } },
  engine = failure { input = "x", engine = "quill" },
  input = failure {},
  type = failure { input = "x", context = "text" },
}
