-- Backups hold every scope, and are put back all at once.
State.save("n", 1)
State.save("user:1", "prefs", { lang = "en" })
State.save("temp:t", "passing")
local events = Event.subscribe("{backup,restore,validation,cleanup}.*")
local full = State.create_backup()
State.save("n", 2)
State.delete("user:1", "prefs")
State.save("new", true)
local part = State.create_backup(true)
State.save("n", 3)
State.save("later", 1)
local merged = State.restore_backup(part.backup_id, { mode = "merge", backup_first = false })
local after_merge = { State.load("n"), State.load("later") }
local dry = State.restore_backup(full.backup_id, { dry_run = true })
local after_dry = State.load("n")
local exact = State.restore_backup(full.backup_id)
local after_exact = { State.load("n"), State.load("user:1", "prefs").lang, State.load("new") == nil, State.load("later") == nil, State.load("temp:t") }
local listed = State.list_backups()
local usage = State.get_storage_usage()
local valid = State.validate_backup(part.backup_id)
local depended = State.delete_backup(full.backup_id)
local deleted = State.delete_backup(part.backup_id)
local id = State.backup { description = "by hand", include_patterns = { "user:*/*" } }
local some = State.list_backups()[1]
State.save("n", 7)
State.save("user:1", "more", 1)
local partly = State.restore(id, { backup_first = false })
local after_partly = { State.load("n"), State.load("user:1", "more") == nil }
local swept = State.cleanup_backups(true)
local unknown = State.restore_backup("backup_1_ff")
local outside = State.validate_backup("../etc/passwd")
State.backup {}
State.backup {}
State.backup {}
local left = State.get_storage_usage()
local kinds = {}
for _, e in ipairs(Event.receive_batch(events, { timeout_ms = 500, max_events = 200 })) do
  kinds[e.type] = e.metadata.tags[1]
end
return {
  full = { full.success, full.entry_count, full.incremental, full.parent_id == nil, full.size_bytes > 0, full.backup_id:match("^backup_%d+_%x+$") ~= nil },
  part = { part.success, part.entry_count, part.incremental, part.parent_id == full.backup_id },
  merged = { merged.success, merged.entries_restored, merged.entries_removed, merged.dry_run, after_merge },
  dry = { dry.success, dry.entries_restored, dry.entries_removed, dry.dry_run, dry.safety_backup_id == nil, after_dry },
  exact = { exact.success, exact.entries_restored, exact.entries_removed, exact.safety_backup_id ~= nil, after_exact },
  listed = { #listed, listed[1].description:match("^before the restore of") ~= nil, listed[2].id == part.backup_id, listed[2].is_incremental, listed[2].parent_id == full.backup_id, listed[3].id == full.backup_id, math.type(listed[3].created_at) or "integer" },
  usage = { usage.total_backups, usage.full_backups, usage.incremental_backups, usage.total_size > 0, usage.oldest_backup <= usage.newest_backup },
  valid = { valid.is_valid, valid.checksum_valid, valid.integrity_valid, valid.backup_id == part.backup_id, #valid.errors },
  depended = { depended.success, depended.error_kind }, deleted = { deleted.success, deleted.space_freed == part.size_bytes, deleted.backup_id == part.backup_id },
  some = { some.id == id, some.description, some.entry_count }, partly = { partly.success, partly.entries_restored, partly.entries_removed, after_partly },
  swept = { swept.success, swept.dry_run, swept.deleted_count, swept.retained_count, swept.space_freed },
  unknown = { unknown.success, unknown.error, unknown.error_kind, unknown.backup_id }, outside = { outside.is_valid, outside.error },
  left = left.total_backups, kinds = kinds,
}
