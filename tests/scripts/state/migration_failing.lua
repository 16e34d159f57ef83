-- A migration that fails, is vetoed or takes too long leaves everything as it was.
State.save("a", { n = 1 })
State.save("b", { n = "x" })
local events = Event.subscribe("migration_*")
local function run(options)
  local r = State.migrate { to_version = options.to, transformations = options.transformations, options = options.options }
  return { r.success, r.status, r.error, r.error_kind, r.rolled_back, State.load("a").n, State.migration_status().current_version }
end
local bad = run { to = "1.0.1", transformations = { { field = "n", transform = "rename", to = "m" }, { field = "m", transform = "convert", to_type = "integer" } } }
local raised = run { to = "1.0.2", transformations = { { transform = "custom", fn = function(v) if v.n == "x" then error("no") end v.n = 5 return v end } } }
State.register_schema { version = "1.0.3", fields = { n = { type = "integer", required = true } } }
local strict = run { to = "1.0.3", transformations = { { field = "n", transform = "default", value = 1 } }, options = { validation = "strict" } }
local slow = run { to = "1.0.4", transformations = { { transform = "custom", fn = function() Utils.sleep(5) end } }, options = { timeout_seconds = 0.05 } }
local told = {}
local hook = Hook.register("StateMigration", function(ctx)
  told = ctx.data
  return { type = "cancel", reason = "not now" }
end)
local veto = run { to = "1.0.5", transformations = { { field = "n", transform = "remove" } } }
hook:unregister()
local phases = {}
for _, point in ipairs { "StateMigration", "custom:pre_migration", "custom:post_migration" } do
  Hook.register(point, function(ctx) phases[#phases + 1] = ctx.point .. " " .. ctx.data.phase .. " " .. ctx.data.items end)
end
local done = State.migrate { to_version = "1.0.6", transformations = { { field = "n", transform = "copy", to = "m" } }, options = { validation = "paranoid" } }
local kinds = {}
for _, e in ipairs(Event.receive_batch(events, { timeout_ms = 500 })) do kinds[e.type] = (kinds[e.type] or 0) + 1 end
local _, step = pcall(State.register_migration, { from = "1.0.0", to = "1.0.0", transformations = {} })
local _, unknown = pcall(State.register_migration, { from = "1.0.0", to = "1.2.0", transformations = { { transform = "turn" } } })
local _, option = pcall(State.migrate, "1.9.0", { batch_size = 0 })
return {
  bad = bad, raised = { raised[1], raised[4], raised[6] }, strict = strict, slow = { slow[1], slow[3], slow[4] }, veto = veto, told = { told.phase, told.from_version, told.to_version, told.items, told.dry_run },
  phases = phases, done = { done.success, done.items_migrated, State.load("b").m }, kinds = kinds,
  wrong = { step.message, unknown.message, unknown.hints[1], option.message },
}
