-- What is kept goes from version to version, all of it or nothing.
State.save("user:1", "profile", { name = "Ada Byron", age = "36", old = 1 })
State.save("user:2", "profile", { name = "Alan Turing", age = 41 })
State.save("user:2", "note", { name = "not a profile" })
State.save("user:3", "profile", "no item")
State.register_schema { version = "1.1.0", fields = { ["name.first"] = { type = "string", required = true }, age = { type = "integer" }, lang = { type = "string", default = "en" } }, compatible_with = { "1.0.0" } }
State.register_migration { from = "1.0.0", to = "1.1.0", keys = "profile", scopes = "user:*", transformations = {
  { field = "name", transform = "split", to = { "name.first", "name.last" }, separator = " " },
  { field = "age", transform = "convert", to_type = "integer" },
  { field = "old", transform = "remove" },
} }
State.register_migration { from = "1.1.0", to = "2.0.0", keys = { "profile" }, transformations = {
  { transform = "custom", fn = function(value, key, scope) value.place = scope .. "/" .. key; return value end },
  { transform = "copy", field = "age", to = "years" }, { transform = "rename", field = "age", to = "was" }, { transform = "default", field = "new", value = true },
} }
State.register_migration { from = "2.0.0", to = "1.0.0", keys = "profile", transformations = { { transform = "merge", fields = { "name.first", "name.last" }, to = "name" } } }
local before = State.migration_status()
local dry = State.migrate("2.0.0", { dry_run = true })
local unchanged = State.load("user:1", "profile").age
local up = State.migrate("2.0.0")
local again = State.migrate("2.0.0")
local after = State.get_migration_status()
local nowhere = State.migrate("9.0.0")
local ok, invalid = pcall(State.migrate_to_version, "two")
return {
  before = { before.current_version, before.latest_version, before.oldest_version, before.is_latest, before.migration_available, before.total_schemas, before.major_versions_count, before.compatible_versions, before.migration_targets },
  dry = { dry.success, dry.status, dry.current_version, dry.items_migrated, unchanged },
  up = { up.success, up.status, up.from_version, up.to_version, up.target_version, up.current_version, up.items_migrated, up.steps, type(up.duration_ms), #up.errors, #up.warnings },
  again = { again.success, again.status, again.items_migrated, again.current_version, again.message },
  after = { after.current_version, after.is_latest, after.migration_candidates },
  nowhere = { nowhere.success, nowhere.status, nowhere.error, nowhere.error_kind, nowhere.rolled_back, #nowhere.errors, nowhere.target_version },
  first = State.load("user:1", "profile"), second = State.load("user:2", "profile"), note = State.load("user:2", "note").name, third = State.load("user:3", "profile"),
  versions = State.schema_versions(), same = State.list_schema_versions(),
  invalid = { ok, invalid.kind, invalid.message },
}
