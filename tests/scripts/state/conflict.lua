-- A lost comparison is told; what a hook puts in its place is written.
local seen
local merge = Hook.register("StateConflict", function(ctx)
  seen = ctx.data
  return { type = "replace", data = { ctx.data.actual, ctx.data.attempted } }
end)
State.save("n", 1)
local lost = State.compare_and_set("global", "n", 5, 6)
local merged = State.load("n")
merge:unregister()
local stop = Hook.register("StateConflict", function() return { type = "cancel", reason = "no" } end)
local _, e = pcall(State.compare_and_set, "global", "n", 5, 6)
stop:unregister()
return {
  lost = lost, merged = merged, seen = { seen.scope, seen.key, seen.expected, seen.actual, seen.attempted },
  cancelled = { e.kind, e.message }, plain = State.compare_and_set("global", "n", 5, 6),
}
