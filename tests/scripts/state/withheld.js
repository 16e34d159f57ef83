// What the configuration switches off is not there, so that a spell can ask.
const gone = (name) => State[name] === undefined;
export default {
  migration: ["migrate", "migrationStatus", "schemaVersions", "registerSchema", "registerMigration"].map(gone),
  backup: ["createBackup", "backup", "listBackups", "restoreBackup", "restore", "validateBackup", "deleteBackup", "getStorageUsage", "cleanupBackups"].map(gone),
  there: State.save !== undefined,
};
