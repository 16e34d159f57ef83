-- Every result before a tool.
local runs = 0
Tool.define { name = "count", description = "Counts", parameters = { { name = "n", type = "integer" } }, execute = function(p) runs = runs + 1 return (p.n or 0) + 100 end }
Tool.define { name = "other", description = "Another", parameters = { { name = "n", type = "integer" } }, execute = function(p) return { other = p.n } end }
local function with(answer, params)
  local before = runs
  local h = Hook.register("BeforeToolExecution", function(ctx) if ctx.tool_name == "count" then return answer end end)
  local ok, r = pcall(Tool.invoke, "count", params or { n = 1 })
  h:unregister()
  if not ok then return { kind = r.kind, message = r.message, point = r.details.hook_point, named = r.details.hook ~= nil, runs = runs - before } end
  local m = r.metadata
  return { success = r.success, output = r.output, error = r.error, skipped = m.skipped, reason = m.skip_reason, forks = m.forks and #m.forks, runs = runs - before }
end
local first = with { type = "cache", key = "k", ttl = 60 }
return {
  continue = with("continue"), nothing = with(nil), number = with(3), unknown = with { type = "what" },
  modified = with { type = "modified", data = { parameters = { n = 5 } } },
  cancel = with { type = "cancel", reason = "not today" }, text = with("no way"), no_reason = with({ type = "cancel" }).kind,
  redirect = with { type = "redirect", target = "other" },
  replace = with { type = "replace", data = "instead" },
  retry = with { type = "retry", delay_ms = 1, max_attempts = 2 },
  fallback = with { type = "retry", delay_ms = 1, max_attempts = 1, fallback_data = 9 },
  fork = with { type = "fork", operations = { { id = "a", operation_type = "tool:other", parameters = { n = 7 } }, { operation_type = "tool:none" } } },
  cache = { first, with { type = "cache", key = "k", ttl = 60 }, with { type = "cache", key = "given", result = 4 } },
  skipped = with { type = "skipped", reason = "lazy" }, skip = with("skip"),
  step = with { continue_execution = false }.kind,
  wrong = with({ type = "modified", data = { parameters = { n = "x" } } }).success,
}
