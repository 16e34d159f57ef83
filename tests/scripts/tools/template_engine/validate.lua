-- Checks a template without rendering it.
local good = Tool.template_engine { operation = "validate", input = "{{ name }}" }
local bad = Tool.template_engine { operation = "validate", input = "fine\n{{ name " }
return { good = { good.output, good.valid }, bad = { bad.success, bad.output, bad.line, type(bad.data.error) } }
