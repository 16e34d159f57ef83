//! `llmspell validate`.

mod script;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use llmspell::config::{Draft, Finding, Language, Origin, Severity};
use llmspell_core::{Error, Value, error};
use serde_json::{Value as Json, json};

use super::providers;
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::console::{Console, Form};
use crate::output::{Mode, paint};

/// Check the configuration or a spell.
#[derive(Args, Debug)]
pub(crate) struct Validate {
    /// Configuration file or spell; the configuration in force if absent
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Warnings are errors
    #[arg(long)]
    strict: bool,
    /// Also print the effective configuration, secrets hidden
    #[arg(long)]
    show: bool,
    /// Also ask each provider that has a key for one short answer
    #[arg(long)]
    check_providers: bool,
}

/// What was found in one file.
struct Verdict {
    path: String,
    errors: Vec<Remark>,
    warnings: Vec<Remark>,
    effective: Option<Json>,
    /// Providers that were asked, and how it went.
    providers: Vec<(String, Json)>,
}

/// One finding with its line.
struct Remark {
    line: Option<usize>,
    place: Option<String>,
    key: String,
    message: String,
    suggestion: Option<String>,
}

pub(crate) fn validate(args: Validate, mut desk: Desk) -> Ends {
    let is_script = args
        .file
        .as_deref()
        .is_some_and(|file| file.extension().is_none_or(|extension| extension != "toml"));
    if let Some(file) = args.file.as_deref().filter(|_| desk.flags.engine.is_none())
        && file.is_file()
        && file
            .extension()
            .is_some_and(|extension| extension == "json")
    {
        return Err(of_workflow(&file.display().to_string()));
    }
    let mut verdict = match &args.file {
        Some(file) if is_script => of_script(file, &mut desk)?,
        file => {
            if let Some(file) = file {
                desk.flags.config = Some(file.clone());
                desk.flags.no_config = false;
            }
            of_config(&desk, args.show)?
        }
    };
    let mut valid = verdict.errors.is_empty() && (!args.strict || verdict.warnings.is_empty());
    if valid && args.check_providers {
        verdict.providers = providers::checked(&desk.draft(Vec::new())?.load()?)?;
        valid = verdict
            .providers
            .iter()
            .all(|(_, check)| check["ok"] == true);
    }
    show(&verdict, valid, &desk);
    Ok(u8::from(!valid))
}

fn of_workflow(name: &str) -> Failure {
    let error = error!(InvalidArgs, "{name} is neither a configuration nor a spell");
    let hint = format!("`llmspell workflow validate {name}` checks a workflow file");
    Failure::with_code(error.hint(hint), 2)
}

/// Whether a configuration has the members of a workflow in the place of keys.
fn is_workflow(findings: &[Finding]) -> bool {
    let is_unknown = |key: &str| {
        let mut unknown = findings.iter();
        unknown.any(|finding| finding.key == key && finding.is_unknown())
    };
    is_unknown("type")
        && ["steps", "branches", "iterator"]
            .iter()
            .any(|key| is_unknown(key))
}

fn of_config(desk: &Desk, show: bool) -> Result<Verdict, Failure> {
    let draft = match desk.draft(Vec::new()) {
        Ok(draft) => draft,
        Err(error) => return broken(error),
    };
    let path = draft
        .files
        .last()
        .map_or_else(|| "the defaults".to_owned(), |file| file.shown.clone());
    if is_workflow(&draft.findings) {
        return Err(of_workflow(&path));
    }
    let (errors, warnings): (Vec<Finding>, Vec<Finding>) = {
        let strict = draft.is_strict();
        let all = draft.findings.clone().into_iter();
        all.partition(|finding| finding.is_fatal(strict))
    };
    let mut warnings: Vec<Remark> = warnings
        .iter()
        .map(|finding| remark(finding, &path))
        .collect();
    let mut effective = None;
    if errors.is_empty() {
        let unset = unset(draft, &path)?;
        warnings.extend(unset.0);
        effective = (show || desk.screen.mode == Mode::Json).then_some(unset.1);
    }
    Ok(Verdict {
        errors: errors
            .iter()
            .map(|finding| remark(finding, &path))
            .collect(),
        warnings,
        effective,
        providers: Vec::new(),
        path,
    })
}

/// Returns the keys whose variables are not set, and the effective configuration.
fn unset(draft: Draft, path: &str) -> Result<(Vec<Remark>, Json), Failure> {
    let tree = draft.tree.clone();
    let loaded = draft.load()?;
    let remarks = loaded.unset().map(|(key, variable)| {
        let message =
            format!("'{key}' needs the environment variable {variable}, which is not set");
        let origin = tree.get(key).map(|node| node.origin.clone());
        remark(
            &Finding {
                severity: Severity::Warning,
                key: key.to_owned(),
                message,
                suggestion: None,
                origin,
            },
            path,
        )
    });
    Ok((remarks.collect(), loaded.effective()))
}

/// A file that is no TOML has one error; one that is missing is no verdict.
fn broken(error: Error) -> Result<Verdict, Failure> {
    let line = error.details().get("line").and_then(Value::as_int);
    let file = error
        .details()
        .get("file")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let (Some(line), Some(path)) = (line, file) else {
        // Something beside the file: a variable, a profile.
        return Err(error.into());
    };
    let remark = Remark {
        line: usize::try_from(line).ok(),
        place: None,
        key: String::new(),
        message: error.message().to_owned(),
        suggestion: None,
    };
    Ok(Verdict {
        path,
        errors: vec![remark],
        warnings: Vec::new(),
        effective: None,
        providers: Vec::new(),
    })
}

fn remark(finding: &Finding, path: &str) -> Remark {
    let line = finding
        .origin
        .as_ref()
        .and_then(Origin::position)
        .map(|(line, _)| line);
    let elsewhere = finding
        .origin
        .as_ref()
        .filter(|origin| origin.source().is_none_or(|source| source.shown != path));
    Remark {
        line,
        place: elsewhere.map(ToString::to_string),
        key: finding.key.clone(),
        message: finding.message.clone(),
        suggestion: finding.suggestion.clone(),
    }
}

/// Compiles a script and checks the tools that it names.
fn of_script(file: &Path, desk: &mut Desk) -> Result<Verdict, Failure> {
    let script = super::run::read(file, &[])?;
    let loaded = desk.load(Vec::new())?;
    let by_name = file
        .extension()
        .and_then(|extension| Language::from_extension(extension.to_str()?));
    let language = by_name.unwrap_or(loaded.config.default_engine);
    let engine = llmspell::engine(
        &loaded,
        language,
        Arc::new(Console::new(Form::Direct, None)),
    )?;
    let mut verdict = Verdict {
        path: script.name.clone(),
        errors: Vec::new(),
        warnings: Vec::new(),
        effective: None,
        providers: Vec::new(),
    };
    match engine.check(&script) {
        Err(error) => verdict.errors.push(Remark {
            line: error
                .details()
                .get("line")
                .and_then(Value::as_int)
                .and_then(|line| usize::try_from(line).ok()),
            place: None,
            key: String::new(),
            message: error.message().to_owned(),
            suggestion: None,
        }),
        Ok(()) => {
            let tools = llmspell_runtime::tool::Tools::new(
                &llmspell_tools::modules(),
                loaded.config.tools.clone(),
            );
            verdict.errors = script::check(&script.source, language, &tools)
                .into_iter()
                .map(|found| Remark {
                    line: Some(found.line),
                    place: None,
                    key: String::new(),
                    message: found.message,
                    suggestion: found.suggestion,
                })
                .collect();
        }
    }
    Ok(verdict)
}

fn show(verdict: &Verdict, valid: bool, desk: &Desk) {
    if desk.screen.mode == Mode::Json {
        let list = |remarks: &[Remark]| {
            let one = |remark: &Remark| {
                json!({
                    "line": remark.line, "key": remark.key, "message": remark.message, "suggestion": remark.suggestion,
                })
            };
            remarks.iter().map(one).collect::<Vec<Json>>()
        };
        let mut document = json!({
            "valid": valid,
            "path": verdict.path,
            "errors": list(&verdict.errors),
            "warnings": list(&verdict.warnings),
            "effective": verdict.effective,
        });
        if !verdict.providers.is_empty() {
            document["providers"] = Json::Object(verdict.providers.iter().cloned().collect());
        }
        desk.screen.document(&document);
        return;
    }
    let color = desk.screen.color;
    let mut counts = Vec::new();
    for (count, one, many) in [
        (verdict.errors.len(), "error", "errors"),
        (verdict.warnings.len(), "warning", "warnings"),
    ] {
        match count {
            0 => {}
            1 => counts.push(format!("1 {one}")),
            count => counts.push(format!("{count} {many}")),
        }
    }
    let word = match valid {
        true => paint("valid", "32;1", color),
        false => paint("not valid", "31;1", color),
    };
    let counts = counts
        .into_iter()
        .map(|count| format!(", {count}"))
        .collect::<String>();
    let mut text = format!("{}: {word}{counts}\n", verdict.path);
    let kinds = [
        ("error", "31;1", &verdict.errors),
        ("warning", "33;1", &verdict.warnings),
    ];
    for (level, paint_as, remarks) in kinds {
        for remark in remarks {
            let place = match (&remark.place, remark.line) {
                (Some(place), _) => format!("{place}: "),
                (None, Some(line)) => format!("line {line}: "),
                (None, None) => String::new(),
            };
            let hint = remark
                .suggestion
                .as_ref()
                .map(|near| format!(" (did you mean '{near}'?)"));
            let level = paint(level, paint_as, color);
            text.push_str(&format!(
                "  {level}: {place}{}{}\n",
                remark.message,
                hint.unwrap_or_default()
            ));
        }
    }
    for (name, check) in &verdict.providers {
        text.push_str(&format!(
            "  provider {name}: {}\n",
            providers::outcome(check)
        ));
    }
    if let Some(effective) = &verdict.effective {
        text.push('\n');
        text.push_str(&super::config::as_toml(effective).unwrap_or_default());
    }
    desk.screen.line(&text);
}
