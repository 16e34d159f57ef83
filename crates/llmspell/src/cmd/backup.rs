//! `llmspell backup`.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use llmspell::config::Loaded;
use llmspell_core::{Value, error};
use serde_json::json;

use super::kept::{call, line, load, succeeded, within};
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::Mode;
use crate::output::table::{Align, Column, table};

/// Make, check and put back backups of state.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Backup {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a backup
    Create(Create),
    /// List backups, newest first
    List(List),
    /// Put the state back as a backup has it; makes a backup first
    Restore(Restore),
    /// Check a backup and those that it builds on
    Validate(Id),
    /// Show what is known of a backup
    Info(Id),
    /// Delete a backup that no other one builds on
    Delete(Id),
    /// Delete the backups that neither their age nor their number keeps
    Cleanup(Cleanup),
}

#[derive(Args, Debug)]
struct Id {
    /// The backup
    id: String,
}

#[derive(Args, Debug)]
struct Create {
    /// Only what is different from the newest one
    #[arg(short, long, conflicts_with = "scope")]
    incremental: bool,
    /// What it is for
    #[arg(short, long, value_name = "TEXT")]
    description: Option<String>,
    /// Only this scope
    #[arg(long, value_name = "S")]
    scope: Option<String>,
}

#[derive(Args, Debug)]
struct List {
    /// Most backups
    #[arg(short, long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Parents, versions and descriptions as well
    #[arg(long)]
    detailed: bool,
}

#[derive(Args, Debug)]
struct Restore {
    /// The backup
    id: String,
    /// Only say what would change
    #[arg(short, long)]
    dry_run: bool,
    /// Do not compare checksums
    #[arg(long)]
    skip_verify: bool,
    /// Make no backup first
    #[arg(long)]
    no_backup: bool,
    /// Remove keys that the backup does not have
    #[arg(long)]
    exact: bool,
}

#[derive(Args, Debug)]
struct Cleanup {
    /// Only say what would be deleted
    #[arg(short, long)]
    dry_run: bool,
}

pub(crate) fn backup(args: Backup, mut desk: Desk) -> Ends {
    let loaded = load(&mut desk, &["backup_enabled"])?;
    match args.verb {
        Verb::Create(args) => create(args, &desk, &loaded),
        Verb::List(args) => list(&args, &desk, &loaded),
        Verb::Restore(args) => restore(args, &desk, &loaded),
        Verb::Validate(args) => validate(args, &desk, &loaded),
        Verb::Info(args) => info(&args, &desk, &loaded),
        Verb::Delete(args) => {
            let result = within(&loaded, async |cx| {
                call(&cx, "delete_backup", [("id", args.id.into())]).await
            })?;
            done(&desk, &result)
        }
        Verb::Cleanup(args) => {
            let result = within(&loaded, async |cx| {
                call(&cx, "cleanup_backups", [("dry_run", args.dry_run.into())]).await
            })?;
            done(&desk, &result)
        }
    }
}

/// Shows the members of a result, and fails if it says that nothing was done.
fn done(desk: &Desk, result: &Value) -> Ends {
    match (desk.screen.mode, succeeded(result)) {
        (Mode::Json, outcome) => {
            desk.screen.document(&result.to_serde_json());
            outcome.map_err(|failure| Failure::silent(failure.code))?;
        }
        (_, outcome) => {
            outcome?;
            desk.screen.line(&facts(result));
        }
    }
    Ok(0)
}

fn facts(result: &Value) -> String {
    let members = result.as_map().into_iter().flatten();
    let lines = members
        .filter(|(name, value)| *name != "success" && !value.is_null())
        .map(|(name, value)| format!("{name:<18}{}", line(value)));
    lines.collect::<Vec<_>>().join("\n")
}

fn create(args: Create, desk: &Desk, loaded: &Loaded) -> Ends {
    let mut wish = json!({"incremental": args.incremental});
    if let Some(description) = args.description {
        wish["description"] = description.into();
    }
    if let Some(scope) = args.scope {
        wish["include_patterns"] = json!([format!("{scope}/*")]);
    }
    let result = within(loaded, async |cx| {
        call(&cx, "create_backup", [("incremental", wish.into())]).await
    })?;
    done(desk, &result)
}

fn all(loaded: &Loaded) -> Result<Vec<Value>, Failure> {
    let all = within(loaded, async |cx| call(&cx, "list_backups", []).await)?;
    Ok(all.as_list().unwrap_or_default().to_vec())
}

fn list(args: &List, desk: &Desk, loaded: &Loaded) -> Ends {
    let all: Vec<Value> = all(loaded)?.into_iter().take(args.limit).collect();
    if desk.screen.mode == Mode::Json {
        desk.screen.document(&Value::List(all).to_serde_json());
        return Ok(0);
    }
    let mut columns = vec![
        Column("ID", Align::Left),
        Column("CREATED", Align::Left),
        Column("BYTES", Align::Right),
        Column("ENTRIES", Align::Right),
        Column("KIND", Align::Left),
    ];
    if args.detailed {
        columns
            .extend(["PARENT", "VERSION", "DESCRIPTION"].map(|title| Column(title, Align::Left)));
    }
    let rows = all.iter().map(|backup| {
        let text = |name: &str| backup.get(name).map(line).unwrap_or_default();
        let created = backup
            .get("created_at")
            .and_then(Value::as_int)
            .unwrap_or(0);
        let created = Timestamp::from_second(created).map(|created| created.to_string());
        let is_incremental = backup.get("incremental").and_then(Value::as_bool) == Some(true);
        let kind = if is_incremental {
            "incremental"
        } else {
            "full"
        };
        let mut row = vec![
            text("id"),
            created.unwrap_or_default(),
            text("size_bytes"),
            text("entry_count"),
            kind.to_owned(),
        ];
        if args.detailed {
            row.extend(["parent_id", "schema_version", "description"].map(text));
        }
        row
    });
    desk.screen
        .line(&table(&desk.screen, &columns, rows.collect()));
    Ok(0)
}

fn info(args: &Id, desk: &Desk, loaded: &Loaded) -> Ends {
    let all = all(loaded)?;
    let is_wanted = |backup: &&Value| backup.get("id").and_then(Value::as_str) == Some(&args.id);
    let Some(backup) = all.iter().find(is_wanted) else {
        let missing = error!(NotFound, "no backup named '{}'", args.id);
        return Err(missing.hint("`llmspell backup list` lists them").into());
    };
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&backup.to_serde_json()),
        _ => desk.screen.line(&facts(backup)),
    }
    Ok(0)
}

fn restore(args: Restore, desk: &Desk, loaded: &Loaded) -> Ends {
    let options = json!({
        "mode": if args.exact { "exact" } else { "merge" },
        "dry_run": args.dry_run,
        "backup_first": !args.no_backup,
        "verify": !args.skip_verify,
    });
    let result = within(loaded, async |cx| {
        let args = [("id", args.id.into()), ("options", options.into())];
        call(&cx, "restore_backup", args).await
    })?;
    done(desk, &result)
}

fn validate(args: Id, desk: &Desk, loaded: &Loaded) -> Ends {
    let checked = within(loaded, async |cx| {
        call(&cx, "validate_backup", [("id", args.id.into())]).await
    })?;
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&checked.to_serde_json()),
        _ => desk.screen.line(&facts(&checked)),
    }
    match checked.get("is_valid").and_then(Value::as_bool) {
        Some(true) => Ok(0),
        _ => Err(Failure::silent(1)),
    }
}
