-- Points of the script's own: it fires them and reads what the hooks decided.
local answer
Hook.register("custom:gate", function(ctx) return answer end)
local function fired(given)
  answer = given
  return Hook.fire("custom:gate", { n = 1 })
end
local function failure(...)
  local _, e = pcall(...)
  return e.kind
end
return {
  none = Hook.fire("custom:nobody", { n = 1 }), continue = fired(nil), modified = fired { type = "modified", data = { n = 2 } },
  cancel = fired("no"), skipped = fired { type = "skipped", reason = "r" }, redirect = fired { type = "redirect", target = "t" },
  replace = fired { type = "replace", data = { 1 } }, retry = fired { type = "retry" },
  unknown = failure(Hook.fire, "gate"), named = failure(Hook.fire, "BeforeToolExecution"),
}
