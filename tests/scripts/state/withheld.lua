-- What the configuration switches off is not there, so that a spell can ask.
return {
  migration = { State.migrate == nil, State.migration_status == nil, State.schema_versions == nil, State.register_schema == nil, State.register_migration == nil },
  backup = { State.create_backup == nil, State.backup == nil, State.list_backups == nil, State.restore_backup == nil, State.restore == nil, State.validate_backup == nil, State.delete_backup == nil, State.get_storage_usage == nil, State.cleanup_backups == nil },
  there = State.save ~= nil,
}
