-- A page is kept in state from check to check, under URL and selector or a name, until it is forgotten.
local page, other = Args[1] .. "/web/page", Args[1] .. "/html"
local function check(input, store, selector)
  local r = Tool.webpage_monitor { input = input, store = store, selector = selector }
  return { r.first_check, r.has_changes, r.previous_content }
end
local result = {
  first = check(page, true),
  same = check(page, true),
  part = check(page, true, "h1"),
  named = check(page, "tea", "h1"),
  changed = check(other, "tea", "h1"),
  unkept = check(page, false, "h1"),
}
local function forgotten(params)
  params.operation = "forget"
  local r = Tool.webpage_monitor(params)
  return r.success and r.output
end
result.forgotten = { forgotten { input = page }, forgotten { input = page }, forgotten { store = "tea" } }
result.again = check(page, true)
result.key = Tool.webpage_monitor({ input = page, store = "a//b" }).error_kind
local ok, raised = pcall(Tool.webpage_monitor, { operation = "reset" })
result.nameless = { ok, raised.kind, raised.message }
return result
