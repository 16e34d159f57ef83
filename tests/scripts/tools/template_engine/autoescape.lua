-- Inserted values are escaped if that is wanted.
local context = { x = '<a & "b">' }
local function rendered(autoescape)
  return Tool.template_engine({ input = "<b>{{ x }}</b>", context = context, autoescape = autoescape }).output
end
return { usual = rendered(nil), html = rendered("html"), json = rendered("json") }
