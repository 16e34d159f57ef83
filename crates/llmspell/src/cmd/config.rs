//! `llmspell config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use llmspell::config::{Draft, Finding, Loaded, PROJECT_FILES, Surroundings, canonical_path};
use llmspell_core::{Error, Kind, Result};
use serde_json::{Value as Json, json};
use toml_edit::{DocumentMut, Item, Table};

use crate::desk::Desk;
use crate::exit::Ends;
use crate::output::Mode;

/// Show and change the configuration.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Config {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the files in force
    Path,
    /// Print the effective configuration, secrets hidden
    Show,
    /// Print one value
    Get {
        /// Dotted key
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Set one value in the project file, keeping comments
    #[command(after_help = "\
Examples:
  llmspell config set state.backend sqlite
  llmspell config set providers.default_model anthropic/claude-sonnet-4-5")]
    Set {
        /// Dotted key
        #[arg(value_name = "KEY")]
        key: String,
        /// TOML value, else text
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
    },
}

pub(crate) fn config(args: Config, mut desk: Desk) -> Ends {
    match args.verb {
        Verb::Path => Ok(path(&desk.draft(Vec::new())?, &desk)),
        Verb::Show => {
            let loaded = desk.load(Vec::new())?;
            Ok(show(&loaded, &desk)?)
        }
        Verb::Get { key } => {
            let loaded = desk.load(Vec::new())?;
            Ok(get(&key, &loaded, &desk)?)
        }
        Verb::Set { key, value } => Ok(set(&key, &value, &desk)?),
    }
}

fn path(draft: &Draft, desk: &Desk) -> u8 {
    let files: Vec<String> = draft
        .files
        .iter()
        .map(|file| file.path.display().to_string())
        .collect();
    if desk.screen.mode == Mode::Json {
        desk.screen.document(
            &json!({"files": files, "profile": draft.profile, "data_dir": draft.data_dir}),
        );
    } else if files.is_empty() {
        desk.screen
            .note("no configuration file; the defaults are in force");
    } else {
        desk.screen.line(&files.join("\n"));
    }
    0
}

fn show(loaded: &Loaded, desk: &Desk) -> Result<u8> {
    let effective = loaded.effective();
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&effective),
        _ => desk.screen.line(&as_toml(&effective)?),
    }
    Ok(0)
}

/// Returns a configuration as TOML.
pub(crate) fn as_toml(document: &Json) -> Result<String> {
    toml::to_string_pretty(document).map_err(|failure| {
        llmspell_core::error!(Bug, "the configuration cannot be written: {failure}")
    })
}

fn get(key: &str, loaded: &Loaded, desk: &Desk) -> Result<u8> {
    let canonical = canonical_path(key)?;
    loaded.require(&[&canonical])?;
    let effective = loaded.effective();
    let found = canonical
        .split('.')
        .try_fold(&effective, |value, name| value.get(name));
    let Some(value) = found else {
        return Err(missing(key, &canonical, desk)?);
    };
    match (desk.screen.mode, value) {
        (Mode::Json, value) => desk.screen.document(value),
        (_, Json::String(text)) => desk.screen.line(text),
        (_, Json::Object(_)) => desk.screen.line(&as_toml(value)?),
        (_, value) => desk.screen.line(&value.to_string()),
    }
    Ok(0)
}

/// Returns why a key has no value: nothing sets it, or there is no such key.
fn missing(key: &str, canonical: &str, desk: &Desk) -> Result<Error> {
    let asked = ("config get".to_owned(), format!("{canonical}=''"));
    let mut findings = desk.draft(vec![asked])?.findings.into_iter();
    let unknown = findings.find(|finding| finding.is_unknown() && concerns(finding, canonical));
    let message = unknown.map_or_else(|| format!("'{key}' is not set"), |finding| finding.text());
    Ok(Error::new(Kind::NotFound, message))
}

/// Returns whether a finding is about this key, or about a table in which it stands.
fn concerns(finding: &Finding, key: &str) -> bool {
    let rest = key.strip_prefix(finding.key.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn set(key: &str, value: &str, desk: &Desk) -> Result<u8> {
    let canonical = canonical_path(key)?;
    let path = project_file(desk)?;
    let shown = path.display().to_string();
    let old = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(failure) => {
            return Err(llmspell_core::error!(
                Io,
                "{shown} cannot be read: {failure}"
            ));
        }
    };
    let mut document: DocumentMut = old.parse().map_err(|failure: toml_edit::TomlError| {
        llmspell_core::error!(Config, "{shown} is not valid TOML: {}", failure.message())
    })?;
    put(&mut document, &canonical, value)?;
    let new = document.to_string();
    refuse_errors(&path, &old, &new, &canonical, desk)?;
    desk.screen.note(&format!("{canonical} is set in {shown}"));
    Ok(0)
}

/// The file that `--config` names, else the project's, else a new one.
fn project_file(desk: &Desk) -> Result<PathBuf> {
    if let Some(path) = &desk.flags.config {
        return Ok(path.clone());
    }
    let cwd = Surroundings::of_process()?.cwd;
    let existing = PROJECT_FILES.iter().find(|name| cwd.join(name).is_file());
    Ok(PathBuf::from(existing.unwrap_or(&PROJECT_FILES[0])))
}

fn put(document: &mut DocumentMut, key: &str, value: &str) -> Result<()> {
    let (tables, name) = key
        .rsplit_once('.')
        .map_or((None, key), |(tables, name)| (Some(tables), name));
    let mut place: &mut Item = document.as_item_mut();
    for table in tables.into_iter().flat_map(|tables| tables.split('.')) {
        let inside = place.as_table_like_mut().ok_or_else(|| through(key))?;
        place = inside.entry(table).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
    }
    let inside = place.as_table_like_mut().ok_or_else(|| through(key))?;
    let mut value: toml_edit::Value = value.parse().unwrap_or_else(|_| value.into());
    if let Some(old) = inside.get(name).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    inside.insert(name, Item::Value(value));
    Ok(())
}

fn through(key: &str) -> Error {
    llmspell_core::error!(Config, "'{key}' leads through a value that is no table")
}

/// Writes the file, and restores the old one if the new one has errors that concern the key.
fn refuse_errors(
    path: &std::path::Path,
    old: &str,
    new: &str,
    key: &str,
    desk: &Desk,
) -> Result<()> {
    let write = |text: &str| {
        std::fs::write(path, text).map_err(|failure| {
            llmspell_core::error!(Io, "{} cannot be written: {failure}", path.display())
        })
    };
    write(new)?;
    let mut asked = desk.clone();
    asked.flags.config = Some(path.to_owned());
    asked.flags.no_config = false;
    let findings = asked.draft(Vec::new()).map(|draft| draft.findings);
    let refusal = match findings {
        Err(error) => Some(error),
        Ok(findings) => findings
            .into_iter()
            .find(|finding| {
                let fatal = finding.key == key && finding.is_fatal(true);
                fatal || finding.is_unknown() && concerns(finding, key)
            })
            .map(|finding| Error::new(Kind::Config, finding.text())),
    };
    let Some(refusal) = refusal else {
        return Ok(());
    };
    match old.is_empty() {
        true => drop(std::fs::remove_file(path)),
        false => write(old)?,
    }
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, key: &str, value: &str) -> String {
        let mut document: DocumentMut = text.parse().unwrap();
        put(&mut document, key, value).unwrap();
        document.to_string()
    }

    #[test]
    fn comments_stay() {
        assert_eq!(
            after(
                "# top\n[runtime]\ntimeout_ms = 5 # short\n",
                "runtime.timeout_ms",
                "10"
            ),
            "# top\n[runtime]\ntimeout_ms = 10 # short\n"
        );
        assert_eq!(
            after("a = 1\n", "runtime.budget.usd", "0.5"),
            "a = 1\n\n[runtime.budget]\nusd = 0.5\n"
        );
        assert_eq!(
            after("", "default_engine", "lua"),
            "default_engine = \"lua\"\n"
        );
    }

    #[test]
    fn a_path_through_a_value_is_refused() {
        let mut document: DocumentMut = "a = 1".parse().unwrap();
        assert!(put(&mut document, "a.b", "1").is_err());
    }
}
