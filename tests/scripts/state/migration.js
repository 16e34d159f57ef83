// What is kept goes from version to version, all of it or nothing.
await State.save("user:1", "profile", { name: "Ada Byron", age: "36", old: 1 });
await State.save("user:2", "profile", { name: "Alan Turing", age: 41 });
await State.save("user:2", "note", { name: "not a profile" });
await State.save("user:3", "profile", "no item");
await State.registerSchema({ version: "1.1.0", fields: { "name.first": { type: "string", required: true }, age: { type: "integer" }, lang: { type: "string", default: "en" } }, compatible_with: ["1.0.0"] });
await State.registerMigration({ from: "1.0.0", to: "1.1.0", keys: "profile", scopes: "user:*", transformations: [
  { field: "name", transform: "split", to: ["name.first", "name.last"], separator: " " },
  { field: "age", transform: "convert", to_type: "integer" },
  { field: "old", transform: "remove" },
] });
await State.registerMigration({ from: "1.1.0", to: "2.0.0", keys: ["profile"], transformations: [
  { transform: "custom", fn: (value, key, scope) => ({ ...value, place: `${scope}/${key}` }) },
  { transform: "copy", field: "age", to: "years" }, { transform: "rename", field: "age", to: "was" }, { transform: "default", field: "new", value: true },
] });
await State.registerMigration({ from: "2.0.0", to: "1.0.0", keys: "profile", transformations: [{ transform: "merge", fields: ["name.first", "name.last"], to: "name" }] });
const before = await State.migrationStatus();
const dry = await State.migrate("2.0.0", { dry_run: true });
const unchanged = (await State.load("user:1", "profile")).age;
const up = await State.migrate("2.0.0");
const again = await State.migrate("2.0.0");
const after = await State.getMigrationStatus();
const nowhere = await State.migrate("9.0.0");
let invalid;
try { await State.migrateToVersion("two"); } catch (e) { invalid = [false, e.kind, e.message]; }
export default {
  before: [before.current_version, before.latest_version, before.oldest_version, before.is_latest, before.migration_available, before.total_schemas, before.major_versions_count, before.compatible_versions, before.migration_targets],
  dry: [dry.success, dry.status, dry.current_version, dry.items_migrated, unchanged],
  up: [up.success, up.status, up.from_version, up.to_version, up.target_version, up.current_version, up.items_migrated, up.steps, typeof up.duration_ms, up.errors.length, up.warnings.length],
  again: [again.success, again.status, again.items_migrated, again.current_version, again.message],
  after: [after.current_version, after.is_latest, after.migration_candidates],
  nowhere: [nowhere.success, nowhere.status, nowhere.error, nowhere.error_kind, nowhere.rolled_back, nowhere.errors.length, nowhere.target_version],
  first: await State.load("user:1", "profile"), second: await State.load("user:2", "profile"), note: (await State.load("user:2", "note")).name, third: await State.load("user:3", "profile"),
  versions: await State.schemaVersions(), same: await State.listSchemaVersions(),
  invalid,
};
