//! `llmspell state` and `llmspell backup`.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::place::{Ended, Place};

const CONFIG: &str = "[state]\nbackend = 'sqlite'\n";

fn place() -> Place {
    Place::new().with("llmspell.toml", CONFIG)
}

#[track_caller]
fn done(ended: Ended) -> String {
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.stdout
}

fn json_of(place: &Place, args: &[&str]) -> Json {
    let args: Vec<&str> = args.iter().copied().chain(["--output", "json"]).collect();
    serde_json::from_str(&done(place.run(&args))).unwrap()
}

#[test]
fn values_are_set_shown_listed_and_deleted() {
    let place = place();
    done(place.run(&["state", "set", "name", "Ada"]));
    done(place.run(&[
        "state",
        "set",
        "--json",
        "prefs",
        r#"{"lang":"en","n":1}"#,
        "--scope",
        "user:1",
    ]));
    done(place.run_with_input(&["state", "set", "text", "-"], "from\ninput"));
    assert_eq!(done(place.run(&["state", "get", "name"])), "Ada\n");
    assert_eq!(done(place.run(&["state", "get", "text"])), "from\ninput\n");
    let prefs = json_of(&place, &["state", "get", "prefs", "--scope", "user:1"]);
    assert_eq!(prefs, json!({"lang": "en", "n": 1}));
    assert_eq!(done(place.run(&["state", "list"])), "name\ntext\n");
    assert_eq!(
        done(place.run(&["state", "list", "--prefix", "te"])),
        "text\n"
    );
    assert_eq!(
        done(place.run(&["state", "list", "--scopes"])),
        "global\nuser:1\n"
    );
    let values = json_of(&place, &["state", "list", "--values", "--scope", "user:1"]);
    assert_eq!(values, json!({"prefs": {"lang": "en", "n": 1}}));
    // A spell sees the same.
    let seen = place.run(&["exec", "return State.load('user:1', 'prefs').lang"]);
    assert_eq!(done(seen), "en\n");
    done(place.run(&["state", "delete", "name"]));
    let missing = place.run(&["state", "get", "name"]);
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("scope 'global' has no key 'name'"),
        "{}",
        missing.stderr
    );
}

#[test]
fn several_processes_count_together() {
    let place = place().with(
        "count.lua",
        "for _ = 1, 30 do
           repeat local n = State.load('n') until State.compare_and_set('global', 'n', n, (n or 0) + 1)
         end",
    );
    let started = (0..3).map(|_| {
        place
            .command(&["run", "--ephemeral", "count.lua"])
            .spawn()
            .unwrap()
    });
    let started: Vec<_> = started.collect();
    for mut child in started {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(done(place.run(&["state", "get", "n"])), "90\n");
}

/// Returns the bytes of all files below a directory.
fn bytes_below(dir: &std::path::Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(bytes_below(&path)),
            false => all.extend(fs::read(&path).unwrap()),
        }
    }
    all
}

#[test]
fn the_journal_has_calls_of_state_but_no_secrets() {
    let place = place().with(
        "spell.lua",
        "State.save('api_token', 't0p-value-of-a-secret')
         State.save('plain', 'an-ordinary-value')
         State.compare_and_set('global', 'api_token', 't0p-value-of-a-secret', 'an0ther-value-of-a-secret')
         assert(State.load('api_token') == 'an0ther-value-of-a-secret')
         assert(State.all().api_token == 'an0ther-value-of-a-secret')
         State.save('temp:x', 'passing-value')
         State.load('plain')",
    );
    done(place.run(&["run", "spell.lua"]));
    let shown = json_of(&place, &["session", "show", "last"]);
    let calls = shown["calls"].as_array().unwrap();
    let ops: Vec<&str> = calls
        .iter()
        .filter_map(|call| call["op"].as_str())
        .collect();
    // What is read of a secret, and what dies with the run, is not written.
    let wanted = ["save", "save", "compare_and_set", "all", "load"];
    assert_eq!(ops, wanted.map(|verb| format!("state.{verb}")));
    let sessions = place.home().join(".local/share/llmspell/sessions");
    let recorded = bytes_below(&sessions);
    let holds = |text: &str| {
        recorded
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("an-ordinary-value") && holds("[REDACTED]"));
    for text in [
        "t0p-value-of-a-secret",
        "an0ther-value-of-a-secret",
        "passing-value",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn what_ends_with_each_run_is_not_looked_for() {
    let place = Place::new();
    for args in [["state", "list"], ["backup", "list"]] {
        let refused = place.run(&args);
        assert_eq!(refused.code, 78, "{args:?}");
        assert!(
            refused.stderr.contains("LLMSPELL_STATE_BACKEND=sqlite"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn schemas_of_files_say_how_the_state_is_migrated() {
    let place = place()
        .with(
            "schemas/2.toml",
            "version = '2.0.0'\n[fields.full]\ntype = 'string'\nrequired = true\n\
             [[migrations]]\nfrom = '1.0.0'\nkeys = 'person*'\n\
             transformations = [{ transform = 'merge', fields = ['first', 'last'], to = 'full' }]\n",
        );
    done(place.run(&[
        "state",
        "set",
        "--json",
        "person1",
        r#"{"first":"Ada","last":"Byron"}"#,
    ]));
    let schemas = ["--schemas", "schemas"];
    let run = |args: &[&str]| {
        let args: Vec<&str> = args.iter().chain(&schemas).copied().collect();
        json_of(&place, &args)
    };
    let status = run(&["state", "migrate", "--status"]);
    assert_eq!(status["current_version"], "1.0.0");
    assert_eq!(status["migration_targets"], json!(["2.0.0"]));
    assert_eq!(run(&["state", "migrate", "--dry-run"])["items_migrated"], 1);
    assert_eq!(
        run(&["state", "migrate", "--status"])["current_version"],
        "1.0.0"
    );
    let version = "state.schema_version='9.0.0'";
    let configured = place.run(&["--set", version, "state", "migrate", "--schemas", "schemas"]);
    assert!(
        configured
            .stderr
            .contains("no steps lead from version 1.0.0 to 9.0.0"),
        "{}",
        configured.stderr
    );
    let migrated = run(&["state", "migrate"]);
    assert_eq!(migrated["status"], "completed");
    assert!(migrated["backup_id"].is_string(), "{migrated}");
    assert_eq!(
        json_of(&place, &["state", "get", "person1"]),
        json!({"full": "Ada Byron"})
    );
    let nowhere = place.run(&["state", "migrate", "3.0.0", "--schemas", "schemas"]);
    assert_eq!(nowhere.code, 1);
    assert!(
        nowhere
            .stderr
            .contains("no steps lead from version 2.0.0 to 3.0.0"),
        "{}",
        nowhere.stderr
    );
}

#[test]
fn backups_are_encrypted_with_a_passphrase_of_the_environment() {
    let place = Place::new().with(
        "llmspell.toml",
        "[state]\nbackend = 'sqlite'\n[state.backup]\nencryption_key_env = 'PHRASE'\ncompression_enabled = false",
    );
    let run = |phrase: &str, args: &[&str]| {
        place.ended(place.command(args).env("PHRASE", phrase).output().unwrap())
    };
    let phrase = "correct horse battery";
    done(run(phrase, &["state", "set", "n", "plain words"]));
    let made = done(run(phrase, &["backup", "create", "--output", "json"]));
    let made: Json = serde_json::from_str(&made).unwrap();
    let id = made["backup_id"].as_str().unwrap();
    done(run(phrase, &["state", "set", "n", "other words"]));
    let part = done(run(
        phrase,
        &["backup", "create", "--incremental", "--output", "json"],
    ));
    assert!(part.contains(id), "{part}");
    for entry in fs::read_dir(place.path("backups")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("words") && !text.contains("horse"), "{text}");
    }
    done(run(phrase, &["backup", "validate", id]));
    for (phrase, part) in [
        ("", "PHRASE, which is not set"),
        ("another one of those", "cannot be decrypted"),
    ] {
        let ended = run(phrase, &["backup", "restore", id, "--no-backup"]);
        assert_ne!(ended.code, 0);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains(part), "{said}");
    }
    done(run(phrase, &["backup", "restore", id]));
    assert_eq!(done(run(phrase, &["state", "get", "n"])), "plain words\n");
}

#[test]
fn what_is_not_there_says_so() {
    let place = place();
    let expires = place.run(&["state", "set", "k", "v", "--ttl", "60"]);
    assert_eq!(expires.code, 69, "{}", expires.stderr);
    assert!(
        expires
            .stderr
            .contains("values do not expire in this version")
    );
    assert!(!done(place.run(&["state", "list"])).contains('k'));
    let full = place.run(&[
        "--set",
        "state.max_total_bytes=3",
        "state",
        "set",
        "k",
        "long",
    ]);
    assert!(
        full.stderr
            .contains("all values together would have 6 bytes, at most 3"),
        "{}",
        full.stderr
    );
    for (key, value) in [
        ("state.backup.schedule", "daily"),
        ("mcp.servers.x.command", "x"),
    ] {
        let refused = place.run(&["--set", &format!("{key}={value}"), "state", "list"]);
        assert_eq!(refused.code, 78, "{key}");
        assert!(
            refused.stderr.contains("is not available in this version"),
            "{}",
            refused.stderr
        );
    }
    let harmless = place.run(&["--set", "state.cache_size=5", "state", "list"]);
    assert_eq!(harmless.code, 0);
    assert!(
        harmless
            .stderr
            .contains("'state.cache_size' has no effect in this version")
    );
}

#[test]
fn backups_are_made_listed_and_put_back() {
    let place = place();
    done(place.run(&["state", "set", "n", "one"]));
    let full = json_of(&place, &["backup", "create", "-d", "first"]);
    let id = full["backup_id"].as_str().unwrap();
    done(place.run(&["state", "set", "n", "two"]));
    done(place.run(&["state", "set", "more", "x"]));
    let part = json_of(&place, &["backup", "create", "--incremental"]);
    assert_eq!(part["parent_id"], id);
    assert_eq!(part["entry_count"], 2);
    let listed = json_of(&place, &["backup", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["description"], "first");
    let detailed = done(place.run(&["backup", "list", "--detailed", "--limit", "1"]));
    assert!(
        detailed.contains(id) && detailed.contains("incremental"),
        "{detailed}"
    );
    assert_eq!(
        json_of(&place, &["backup", "info", id])["schema_version"],
        "1.0.0"
    );
    let dry = json_of(&place, &["backup", "restore", id, "--exact", "--dry-run"]);
    assert_eq!(
        (&dry["entries_restored"], &dry["entries_removed"]),
        (&json!(1), &json!(1))
    );
    done(place.run(&["backup", "restore", id, "--no-backup"]));
    assert_eq!(
        done(place.run(&["state", "list", "--values"])),
        "KEY   VALUE\nmore  x\nn     one\n"
    );
    done(place.run(&["backup", "restore", id, "--exact"]));
    assert_eq!(done(place.run(&["state", "list"])), "n\n");
    done(place.run(&["backup", "validate", id]));
    assert_eq!(place.run(&["backup", "delete", id]).code, 1);
    let cleaned = json_of(&place, &["backup", "cleanup", "--dry-run"]);
    assert_eq!(
        (&cleaned["deleted_count"], &cleaned["retained_count"]),
        (&json!(0), &json!(3))
    );
    assert_eq!(place.run(&["backup", "info", "backup_1_0"]).code, 1);
}

/// Returns a place with a backup of one value, which was changed since, and the files of the backup.
fn with_backup(kind: &str) -> (Place, String, PathBuf, PathBuf) {
    let config = format!("{CONFIG}[state.backup]\ncompression_type = '{kind}'\n");
    let place = Place::new().with("llmspell.toml", &config);
    done(place.run(&["state", "set", "n", "one"]));
    let made = json_of(&place, &["backup", "create"]);
    let id = made["backup_id"].as_str().unwrap().to_owned();
    done(place.run(&["state", "set", "n", "two"]));
    let content = place.path(&format!("backups/{id}.backup"));
    let meta = place.path(&format!("backups/{id}.meta"));
    (place, id, content, meta)
}

#[track_caller]
fn is_refused(place: &Place, id: &str, what: &str) {
    let checked = place.run(&["backup", "validate", id]);
    assert_eq!(checked.code, 1, "{what}: {}", checked.stdout);
    let restored = place.run(&["backup", "restore", id, "--no-backup"]);
    assert_eq!(restored.code, 1, "{what}: {}", restored.stdout);
    assert_eq!(done(place.run(&["state", "get", "n"])), "two\n", "{what}");
}

#[test]
fn damaged_backups_are_refused_and_change_nothing() {
    for kind in ["zstd", "gzip", "lz4", "brotli"] {
        let (place, id, content, _) = with_backup(kind);
        let whole = fs::read(&content).unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        fs::write(&content, &changed).unwrap();
        is_refused(&place, &id, kind);
        fs::write(&content, &whole[..whole.len() - 1]).unwrap();
        is_refused(&place, &id, kind);
        fs::write(&content, &whole).unwrap();
        done(place.run(&["backup", "restore", &id]));
        assert_eq!(done(place.run(&["state", "get", "n"])), "one\n");
    }
    let (place, id, content, _) = with_backup("zstd");
    fs::write(&content, "").unwrap();
    is_refused(&place, &id, "empty");
    fs::remove_file(&content).unwrap();
    is_refused(&place, &id, "missing");
}

#[test]
fn what_is_known_of_a_backup_is_checked_as_well() {
    let (place, id, _, meta) = with_backup("zstd");
    let whole = fs::read_to_string(&meta).unwrap();
    let with = |name: &str, value: Json| {
        let mut known: Json = serde_json::from_str(&whole).unwrap();
        known[name] = value;
        known.to_string()
    };
    for (what, text) in [
        ("no JSON", "{".to_owned()),
        ("another id", with("id", json!("backup_1_a"))),
        ("another size", with("content_bytes", json!(1))),
        ("another checksum", with("sha256", json!("00"))),
        ("another count", with("entry_count", json!(7))),
        (
            "a parent that is not there",
            with("parent", json!("backup_1_a")),
        ),
        ("itself as parent", with("parent", json!(id))),
    ] {
        fs::write(&meta, text).unwrap();
        is_refused(&place, &id, what);
    }
    // One that is damaged does not keep others from being made.
    fs::write(&meta, "{").unwrap();
    done(place.run(&["backup", "create"]));
    assert_eq!(
        json_of(&place, &["backup", "list"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    fs::write(&meta, &whole).unwrap();
    done(place.run(&["backup", "validate", &id]));
}
