-- Hooks see reads and writes, change and prevent them.
local seen = {}
local function note(point, answer)
  return Hook.register(point, function(ctx)
    local d = ctx.data
    seen[#seen + 1] = { ctx.point, d.scope, d.key, d.value or "none", d.old_value or "none", d.operation or tostring(d.found) }
    return type(answer) == "function" and answer(ctx) or nil
  end)
end
note("BeforeStateRead", function(ctx) if ctx.data.key == "cached" then return { type = "replace", data = "from the hook" } end end)
note("AfterStateRead", function(ctx) if ctx.data.key == "n" then return { type = "modified", data = { value = ctx.data.value + 100 } } end end)
note("BeforeStateWrite", function(ctx)
  if ctx.data.key == "locked" then return { type = "cancel", reason = "it is locked" } end
  if ctx.data.key == "n" then return { type = "modified", data = { value = (ctx.data.value or 0) * 10 } } end
  if ctx.data.key == "skipped" then return "skip" end
end)
note("AfterStateWrite")
note("custom:state_change")
State.save("n", 1)
State.save("n", 1)
local n = State.load("n")
local cached = State.load("cached")
local ok, veto = pcall(State.save, "locked", 1)
local _, kept = pcall(State.delete, "locked")
State.save("skipped", 5)
State.save("my_secret", "t0p")
local secret = State.load("my_secret")
State.delete("n")
return {
  n = n, cached = cached, ok = ok, veto = { veto.kind, veto.message, veto.details.hook_point }, kept = kept.kind, locked = State.load("locked") == nil,
  skipped = State.load("skipped"), secret = secret, seen = seen,
}
