// Backups hold every scope, and are put back all at once.
await State.save("n", 1);
await State.save("user:1", "prefs", { lang: "en" });
await State.save("temp:t", "passing");
const events = await Event.subscribe("{backup,restore,validation,cleanup}.*");
const full = await State.createBackup();
await State.save("n", 2);
await State.delete("user:1", "prefs");
await State.save("new", true);
const part = await State.createBackup(true);
await State.save("n", 3);
await State.save("later", 1);
const merged = await State.restoreBackup(part.backup_id, { mode: "merge", backup_first: false });
const after_merge = [await State.load("n"), await State.load("later")];
const dry = await State.restoreBackup(full.backup_id, { dry_run: true });
const after_dry = await State.load("n");
const exact = await State.restoreBackup(full.backup_id);
const after_exact = [await State.load("n"), (await State.load("user:1", "prefs")).lang, (await State.load("new")) == null, (await State.load("later")) == null, await State.load("temp:t")];
const listed = await State.listBackups();
const usage = await State.getStorageUsage();
const valid = await State.validateBackup(part.backup_id);
const depended = await State.deleteBackup(full.backup_id);
const deleted = await State.deleteBackup(part.backup_id);
const id = await State.backup({ description: "by hand", include_patterns: ["user:*/*"] });
const some = (await State.listBackups())[0];
await State.save("n", 7);
await State.save("user:1", "more", 1);
const partly = await State.restore(id, { backup_first: false });
const after_partly = [await State.load("n"), (await State.load("user:1", "more")) == null];
const swept = await State.cleanupBackups(true);
const unknown = await State.restoreBackup("backup_1_ff");
const outside = await State.validateBackup("../etc/passwd");
await State.backup({});
await State.backup({});
await State.backup({});
const left = await State.getStorageUsage();
const kinds = {};
for (const e of await Event.receiveBatch(events, { timeout_ms: 500, max_events: 200 })) kinds[e.type] = e.metadata.tags[0];
export default {
  full: [full.success, full.entry_count, full.incremental, full.parent_id == null, full.size_bytes > 0, /^backup_\d+_[0-9a-f]+$/.test(full.backup_id)],
  part: [part.success, part.entry_count, part.incremental, part.parent_id === full.backup_id],
  merged: [merged.success, merged.entries_restored, merged.entries_removed, merged.dry_run, after_merge],
  dry: [dry.success, dry.entries_restored, dry.entries_removed, dry.dry_run, dry.safety_backup_id == null, after_dry],
  exact: [exact.success, exact.entries_restored, exact.entries_removed, exact.safety_backup_id != null, after_exact],
  listed: [listed.length, /^before the restore of/.test(listed[0].description), listed[1].id === part.backup_id, listed[1].is_incremental, listed[1].parent_id === full.backup_id, listed[2].id === full.backup_id, Number.isInteger(listed[2].created_at) ? "integer" : "float"],
  usage: [usage.total_backups, usage.full_backups, usage.incremental_backups, usage.total_size > 0, usage.oldest_backup <= usage.newest_backup],
  valid: [valid.is_valid, valid.checksum_valid, valid.integrity_valid, valid.backup_id === part.backup_id, valid.errors.length],
  depended: [depended.success, depended.error_kind], deleted: [deleted.success, deleted.space_freed === part.size_bytes, deleted.backup_id === part.backup_id],
  some: [some.id === id, some.description, some.entry_count], partly: [partly.success, partly.entries_restored, partly.entries_removed, after_partly],
  swept: [swept.success, swept.dry_run, swept.deleted_count, swept.retained_count, swept.space_freed],
  unknown: [unknown.success, unknown.error, unknown.error_kind, unknown.backup_id], outside: [outside.is_valid, outside.error],
  left: left.total_backups, kinds,
};
