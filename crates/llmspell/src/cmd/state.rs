//! `llmspell state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use llmspell_core::{Name, Value, error};
use llmspell_runtime::state::StoredScopes;
use serde_json::json;

use super::kept::{call, line, load, succeeded, within, written};
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::Mode;
use crate::output::table::{Align, Column, table};

/// Read and change what spells keep beyond their end.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct State {
    #[command(subcommand)]
    verb: Verb,
    /// The scope
    #[arg(long, value_name = "SCOPE", global = true, default_value = "global")]
    scope: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the value of a key
    Get(Get),
    /// Keep a value under a key
    Set(Set),
    /// Remove a key and its value
    Delete(Delete),
    /// List keys
    List(List),
    /// Take everything to another version of its schema
    Migrate(Migrate),
}

#[derive(Args, Debug)]
struct Get {
    /// The key
    key: String,
}

#[derive(Args, Debug)]
struct Set {
    /// The key
    key: String,
    /// The value, text; - reads it from standard input
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// The value is JSON
    #[arg(long)]
    json: bool,
    /// How long it is kept
    #[arg(long, value_name = "SECS", hide = true)]
    ttl: Option<u64>,
}

#[derive(Args, Debug)]
struct Delete {
    /// The key
    key: String,
}

#[derive(Args, Debug)]
struct List {
    /// Only keys that begin so
    #[arg(long, value_name = "P", default_value = "", hide_default_value = true)]
    prefix: String,
    /// The scopes instead
    #[arg(long, conflicts_with_all = ["prefix", "values"])]
    scopes: bool,
    /// The values as well
    #[arg(long)]
    values: bool,
}

#[derive(Args, Debug)]
struct Migrate {
    /// The version; `state.schema_version` by default, else the newest
    version: Option<String>,
    /// Do everything but the write
    #[arg(long)]
    dry_run: bool,
    /// Say which version there is, and which can be reached
    #[arg(long, conflicts_with_all = ["version", "dry_run"])]
    status: bool,
    /// Directory of schemas, in place of the configured one
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    /// Make no backup first
    #[arg(long)]
    no_backup: bool,
}

pub(crate) fn state(args: State, desk: Desk) -> Ends {
    let scope = args.scope;
    match args.verb {
        Verb::Get(args) => get(scope, args, desk),
        Verb::Set(args) => set(scope, args, desk),
        Verb::Delete(args) => delete(scope, args, desk),
        Verb::List(args) => list(scope, args, desk),
        Verb::Migrate(args) => migrate(args, desk),
    }
}

fn get(scope: String, args: Get, mut desk: Desk) -> Ends {
    let loaded = load(&mut desk, &[])?;
    let Get { key } = args;
    let found = within(&loaded, async |cx| {
        let keys = call(&cx, "list", [("scope", scope.as_str().into())]).await?;
        let is_there = keys
            .as_list()
            .is_some_and(|keys| keys.contains(&key.as_str().into()));
        let args = [
            ("scope", scope.as_str().into()),
            ("key", key.as_str().into()),
        ];
        let value = call(&cx, "load", args).await?;
        Ok((is_there || !value.is_null()).then_some(value))
    })?;
    let Some(value) = found else {
        let missing = error!(NotFound, "scope '{scope}' has no key '{key}'")
            .hint("`llmspell state list` shows the keys of a scope");
        return Err(missing.into());
    };
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&value.to_serde_json()),
        _ => desk.screen.line(&line(&value)),
    }
    Ok(0)
}

fn set(scope: String, args: Set, mut desk: Desk) -> Ends {
    if args.ttl.is_some() {
        let error = error!(Unavailable, "values do not expire in this version");
        return Err(error
            .hint("keep a time with the value, or use a key that begins with `temp:` for the run alone")
            .into());
    }
    let value = written(&args.value, args.json)?;
    let loaded = load(&mut desk, &[])?;
    let args = [
        ("scope", scope.into()),
        ("key", args.key.into()),
        ("value", value),
    ];
    within(&loaded, async |cx| call(&cx, "save", args).await)?;
    Ok(0)
}

fn delete(scope: String, args: Delete, mut desk: Desk) -> Ends {
    let loaded = load(&mut desk, &[])?;
    let args = [("scope", scope.into()), ("key", args.key.into())];
    within(&loaded, async |cx| call(&cx, "delete", args).await)?;
    Ok(0)
}

fn list(scope: String, args: List, mut desk: Desk) -> Ends {
    let loaded = load(&mut desk, &[])?;
    if args.scopes {
        let scopes = within(&loaded, async |cx| {
            cx.part::<StoredScopes>()?.scopes().await
        })?;
        match desk.screen.mode {
            Mode::Json => desk.screen.document(&json!(scopes)),
            _ => scopes.iter().for_each(|scope| desk.screen.line(scope)),
        }
        return Ok(0);
    }
    let all = within(&loaded, async |cx| {
        call(&cx, "all", [("scope", scope.into())]).await
    })?;
    let wanted = |key: &&Name| key.starts_with(&args.prefix);
    let all = all.as_map().cloned().unwrap_or_default();
    let keys: Vec<&Name> = all.keys().filter(wanted).collect();
    match (desk.screen.mode, args.values) {
        (Mode::Json, false) => desk.screen.document(&json!(keys)),
        (Mode::Json, true) => {
            let members = all.iter().filter(|(key, _)| wanted(key));
            let members = members.map(|(key, value)| (key.to_string(), value.to_serde_json()));
            desk.screen
                .document(&serde_json::Value::Object(members.collect()));
        }
        (_, false) => keys.iter().for_each(|key| desk.screen.line(key)),
        (_, true) => {
            let columns = [Column("KEY", Align::Left), Column("VALUE", Align::Left)];
            let rows = keys
                .iter()
                .map(|key| vec![key.to_string(), line(&all[*key])]);
            desk.screen
                .line(&table(&desk.screen, &columns, rows.collect()));
        }
    }
    Ok(0)
}

fn migrate(args: Migrate, mut desk: Desk) -> Ends {
    let mut switches = vec!["migration_enabled"];
    if !args.no_backup {
        switches.push("backup_enabled");
    }
    if let Some(directory) = &args.schemas {
        desk.flags
            .set
            .push(format!("state.schema_directory={}", directory.display()));
    }
    let loaded = load(&mut desk, &switches)?;
    let wanted = args.version.or(loaded.config.state.schema_version.clone());
    let result = within(&loaded, async |cx| {
        let status = call(&cx, "migration_status", []).await?;
        if args.status {
            return Ok(status);
        }
        let newest = status.get("latest_version").cloned().unwrap_or_default();
        let version = wanted.map_or(newest, Value::from);
        let options = json!({"dry_run": args.dry_run, "create_backup": !args.no_backup, "validation": "paranoid"});
        let args = [("target_version", version), ("options", options.into())];
        call(&cx, "migrate", args).await
    })?;
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&result.to_serde_json()),
        _ => desk.screen.line(&told(&result)),
    }
    succeeded(&result)
        .map(|()| 0)
        .map_err(|failure| match desk.screen.mode {
            Mode::Json => Failure::silent(failure.code),
            _ => failure,
        })
}

/// Says in a few lines what a migration gave.
fn told(result: &Value) -> String {
    let members = result.as_map().into_iter().flatten();
    let lines = members
        .filter(|(_, value)| {
            !value.is_null() && value.as_list().is_none_or(|list| !list.is_empty())
        })
        .map(|(name, value)| format!("{name:<22}{}", line(value)));
    lines.collect::<Vec<_>>().join("\n")
}
