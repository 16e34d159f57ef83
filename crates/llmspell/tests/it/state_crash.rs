//! Migrations and restores whose process is killed in their midst.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::place::Place;

const CONFIG: &str = r#"
[state]
backend = "sqlite"
migration_enabled = true
backup_enabled = true
backup_on_migration = false

[state.backup]
backup_dir = "./backups"
"#;

/// What both spells know of the versions.
const STEPS: &str = r#"
State.register_migration { from = "1.0.0", to = "2.0.0", keys = "item*", transformations = { { field = "v", transform = "rename", to = "w" } } }
State.register_migration { from = "2.0.0", to = "1.0.0", keys = "item*", transformations = { { field = "w", transform = "rename", to = "v" } } }
"#;

const SEED: &str = r#"
for i = 1, 200 do State.save("item" .. i, { v = 1, pad = ("x"):rep(500) }) end
"#;

/// Goes up and down for ever.
const MIGRATE: &str = r#"
while true do
  for _, version in ipairs { "2.0.0", "1.0.0" } do
    print(State.migrate(version).status)
  end
end
"#;

/// Puts two states back in turn, for ever, each after a backup of the other one.
const RESTORE: &str = r#"
local first = State.create_backup().backup_id
for i = 1, 200 do State.save("item" .. i, { v = 2, pad = ("y"):rep(500) }) end
State.save("more", 1)
local second = State.create_backup(true).backup_id
while true do
  for _, id in ipairs { first, second } do
    print(State.restore_backup(id).success and "completed")
  end
end
"#;

/// Says how many different states the items are in, whether the version fits, and whether every backup is whole.
const CHECK: &str = r#"
local version = State.migration_status().current_version
local items, kinds, count = State.all(), {}, 0
for key, item in pairs(items) do
  if key:match("^item") then
    count = count + 1
    kinds[tostring(item.v) .. tostring(item.w) .. #item.pad .. item.pad:sub(1, 1)] = true
  end
end
local different = 0
for kind in pairs(kinds) do
  different = different + 1
  local is_new = kind:match("^nil") ~= nil
  assert(is_new == (version == "2.0.0"), kind .. version)
  assert((kind:sub(1, 1) == "2") == (items.more ~= nil), kind)
end
for _, backup in ipairs(State.list_backups()) do
  assert(State.validate_backup(backup.id).is_valid, backup.id)
end
print(count, different)
"#;

/// Kills a spell when it has said something so many times, and returns what the check says afterwards.
fn killed_after(lines: usize, work: &str) -> String {
    let place = Place::new()
        .with("llmspell.toml", CONFIG)
        .with("seed.lua", SEED)
        .with("work.lua", &format!("{STEPS}{work}"))
        .with("check.lua", &format!("{STEPS}{CHECK}"));
    let seeded = place.run(&["run", "--ephemeral", "seed.lua"]);
    assert_eq!(seeded.code, 0, "{}", seeded.stderr);
    let mut child = place
        .command(&["run", "--ephemeral", "work.lua"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    for _ in 0..lines {
        said.clear();
        output.read_line(&mut said).unwrap();
        assert_eq!(said, "completed\n");
    }
    // The next one is under way.
    child.kill().unwrap();
    child.wait().unwrap();
    let checked = place.run(&["run", "--ephemeral", "check.lua"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    checked.stdout
}

#[test]
fn a_killed_migration_leaves_the_old_or_the_new() {
    for lines in 0..8 {
        assert_eq!(killed_after(lines, MIGRATE), "200\t1\n", "after {lines}");
    }
}

#[test]
fn a_killed_restore_leaves_the_old_or_the_new_and_whole_backups() {
    for lines in 1..6 {
        assert_eq!(killed_after(lines, RESTORE), "200\t1\n", "after {lines}");
    }
}
