//! The conformance suite: spells below `tests/scripts/`, each in every language, each with the value that it returns.
//!
//! A case is `<topic>/<name>.lua`, `.js` and `.json`, found by listing the folders; `.toml` beside it is its
//! configuration, and a folder `lib/` holds what cases load. What a case returns must be what the `.json` file says, in
//! both languages: members that are null are left out, since Lua has none, and whole numbers are integers, since
//! JavaScript has one type of number. An error that nobody catches is `{"uncaught": {kind, message, op}}`.
//!
//! `UPDATE=1` writes the `.json` files anew; `CASE=agent/create` runs only the spells whose path contains that text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use llmspell::config::{Draft, Language, Loaded, Selection, Surroundings};
use llmspell::{Options, SessionChoice, World};
use llmspell_core::{Error, Result, Value, Worker};
use llmspell_runtime::worker::Pool;
use llmspell_script::Script;
use serde_json::{Value as Json, json};
use similar::{ChangeTag, TextDiff};

use crate::library::Kept;

const LANGUAGES: [(&str, Language); 2] = [("lua", Language::Lua), ("js", Language::JavaScript)];

/// Folders that are no module: what holds for all functions, and globals that are no list of functions.
const TOPICS: &[&str] = &[
    "args",
    "callbacks",
    "cancellation",
    "concurrency",
    "errors",
    "modules",
    "streaming",
    "values",
];

/// What every case is given as its arguments; those of tools are given the base URL of a web site, see `site.rs`.
const ARGS: [&str; 2] = ["alpha", "--beta=2"];

/// No case takes longer, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scripts");
    root.canonicalize().unwrap()
}

/// Returns the cases with the extensions of their files, and what else is wrong with the folders.
fn cases() -> (BTreeMap<String, BTreeSet<String>>, Vec<String>) {
    let root = root();
    let mut cases: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut complaints = Vec::new();
    for file in crate::place::files(&root) {
        if file.split('/').any(|part| part == "lib") {
            continue;
        }
        let (name, extension) = file.rsplit_once('.').unwrap_or((&file, ""));
        if !["lua", "js", "json", "toml"].contains(&extension) {
            complaints.push(format!("{file}: no part of a case"));
            continue;
        }
        cases
            .entry(name.to_owned())
            .or_default()
            .insert(extension.to_owned());
    }
    for (name, extensions) in &cases {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !is_folder(folder) {
            complaints.push(format!("{name}: no module, topic or tool has this folder"));
        }
        for (language, _) in LANGUAGES {
            if !extensions.contains(language) {
                complaints.push(format!("{name}: there is no {name}.{language}"));
            }
        }
        if !extensions.contains("json") && !update() {
            complaints.push(format!(
                "{name}: there is no {name}.json; UPDATE=1 writes it"
            ));
        }
    }
    (cases, complaints)
}

fn is_folder(folder: &str) -> bool {
    match folder.strip_prefix("tools/") {
        Some(tool) => llmspell::names().tools.iter().any(|known| known == tool),
        None => {
            let mut modules = llmspell::modules().into_iter();
            TOPICS.contains(&folder) || modules.any(|module| module.name == folder)
        }
    }
}

fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// Returns whether a spell is to be run.
fn is_wanted(path: &str) -> bool {
    std::env::var("CASE").map_or(true, |wanted| path.contains(&wanted))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_returns_the_same_in_every_language() {
    let (cases, mut complaints) = cases();
    let worker: Arc<dyn Worker> = Arc::new(Pool::new(
        env!("CARGO_BIN_EXE_llmspell").into(),
        [llmspell::WORKER],
    ));
    let spells = cases.iter().flat_map(|(name, extensions)| {
        LANGUAGES
            .into_iter()
            .filter(|(extension, _)| extensions.contains(*extension))
            .map(move |(extension, language)| (name.clone(), extension, language))
            .filter(|(name, extension, _)| is_wanted(&format!("{name}.{extension}")))
    });
    let site = crate::site::serve().await;
    let running = spells.map(|(name, extension, language)| {
        let (worker, site) = (worker.clone(), site.clone());
        async move {
            let path = format!("{name}.{extension}");
            let running = run(&name, &path, language, worker, &site);
            let outcome = tokio::time::timeout(PATIENCE, running).await;
            (name, path, outcome)
        }
    });
    let outcomes: Vec<_> = futures::stream::iter(running).buffered(4).collect().await;
    for (name, path, outcome) in outcomes {
        match outcome {
            Err(_) => complaints.push(format!("{path}: did not end within {PATIENCE:?}")),
            Ok(Err(error)) => complaints.push(format!("{path}: not started: {error}")),
            Ok(Ok(outcome)) => complaints.extend(compare(&name, &path, &outcome)),
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// Runs a spell and returns what it returned.
///
/// - Errors: what kept it from being started.
async fn run(
    name: &str,
    path: &str,
    language: Language,
    worker: Arc<dyn Worker>,
    site: &str,
) -> Result<Outcome> {
    let file = root().join(path);
    let source = std::fs::read_to_string(&file)
        .map_err(|failure| llmspell_core::error!(Io, "{path} cannot be read: {failure}"))?;
    let script = Script {
        args: match name.starts_with("tools/") {
            true => vec![site.to_owned()],
            false => ARGS.map(str::to_owned).into(),
        },
        dir: file.parent().map(Path::to_owned),
        ..Script::new(path, source)
    };
    let output = Arc::new(Kept::default());
    let options = Options {
        session: SessionChoice::None,
        output: output.clone(),
        worker: Some(worker),
        launcher: Some(env!("CARGO_BIN_EXE_llmspell").into()),
        ..Options::default()
    };
    let place = tempfile::tempdir().unwrap();
    let loaded = configuration(name, site, place.path())?;
    let ran = World::open(&loaded, language, &script, options)?
        .run(script)
        .await?;
    let value = match ran.results {
        Ok(values) => plain(&values.into_iter().next().unwrap_or_default()),
        Err(error) => uncaught(&error),
    };
    let value = steady(value, site);
    let printed = String::from_utf8_lossy(&output.0.lock()).into_owned();
    Ok(Outcome { value, printed })
}

/// What a spell did.
struct Outcome {
    value: Json,
    printed: String,
}

/// Reads the configuration of a case, in which `${SITE}` is the web site and `${PLACE}` a directory of the run's own.
fn configuration(name: &str, site: &str, place: &Path) -> Result<Loaded> {
    let file = root().join(format!("{name}.toml"));
    let request = Selection {
        file: file.is_file().then_some(file),
        ..Selection::default()
    };
    let surroundings = Surroundings {
        cwd: root(),
        variables: vec![
            ("SITE".to_owned(), site.to_owned()),
            ("PLACE".to_owned(), place.display().to_string()),
        ],
        ..Surroundings::default()
    };
    Draft::read(&request, &surroundings, &llmspell::names())?.load()
}

/// Returns a value in the form that all languages share.
fn plain(value: &Value) -> Json {
    match value {
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 2f64.powi(53) => {
            Json::from(*number as i64)
        }
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(members) => {
            let mut members: Vec<_> = members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.to_string(), plain(value)))
                .collect();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            Json::Object(members.into_iter().collect())
        }
        other => other.to_serde_json(),
    }
}

/// Shows the address of the site as a name that is the same in each run.
fn steady(value: Json, site: &str) -> Json {
    match value {
        Json::String(text) => crate::site::unnumbered(&text, site).into(),
        Json::Array(items) => items.into_iter().map(|item| steady(item, site)).collect(),
        Json::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, steady(member, site)))
            .collect(),
        other => other,
    }
}

fn uncaught(error: &Error) -> Json {
    let raised = json!({
        "kind": error.kind().name(),
        "message": error.message(),
        "op": error.op_name(),
    });
    json!({ "uncaught": plain(&raised.into()) })
}

/// Says how an outcome differs from what is expected, and writes it down if that is wanted.
fn compare(name: &str, path: &str, outcome: &Outcome) -> Option<String> {
    let file = root().join(format!("{name}.json"));
    let mut got = serde_json::to_string_pretty(&outcome.value).unwrap();
    got.push('\n');
    // One language says what is expected, so that the other one still has to agree.
    if update() && path.ends_with(".lua") {
        std::fs::write(&file, &got).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    if got == expected {
        return None;
    }
    let mut complaint = format!("{path} returned otherwise (- expected, + got):\n");
    for change in TextDiff::from_lines(&expected, &got).iter_all_changes() {
        let mark = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        write!(complaint, "  {mark} {change}").unwrap();
    }
    if !outcome.printed.is_empty() {
        write!(complaint, "  printed:\n{}", outcome.printed).unwrap();
    }
    Some(complaint)
}

/// A folder of a module shows all of its functions and methods, the folder of tools all tools.
#[test]
fn every_function_of_a_folder_has_a_case() {
    let (cases, _) = cases();
    let folders: BTreeSet<&str> = cases
        .keys()
        .filter_map(|name| Some(name.rsplit_once('/')?.0))
        .collect();
    let mut complaints = Vec::new();
    for (extension, _) in LANGUAGES {
        let sources: String = cases
            .keys()
            .map(|name| root().join(format!("{name}.{extension}")))
            .filter_map(|file| std::fs::read_to_string(file).ok())
            .collect();
        for module in llmspell::modules() {
            if !folders.contains(folder_of(module.name)) {
                continue;
            }
            for op in &module.ops {
                let names = std::iter::once(op.verb()).chain(op.script_aliases().iter().copied());
                if !names.into_iter().all(|name| is_used(&sources, name)) {
                    complaints.push(format!("no .{extension} case shows {}", op.name()));
                }
            }
        }
    }
    for tool in llmspell::names().tools {
        let begun = folders.iter().any(|folder| folder.starts_with("tools/"));
        if begun && !folders.contains(&*format!("tools/{tool}")) {
            complaints.push(format!("no case shows the tool {tool}"));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The cases of a tool name each of its operations, but the one that needs no name, by itself or by another name for it.
#[test]
fn every_operation_of_a_tool_has_a_case() {
    let (cases, _) = cases();
    let mut complaints = Vec::new();
    let tools = llmspell_tools::modules();
    for op in tools.iter().flat_map(|module| &module.ops) {
        let folder = format!("tools/{}/", op.verb());
        let Some(field) = op.shape().field("operation") else {
            continue;
        };
        for (extension, _) in LANGUAGES {
            let own = cases.keys().filter(|name| name.starts_with(&folder));
            let sources: String = own
                .map(|name| root().join(format!("{name}.{extension}")))
                .filter_map(|file| std::fs::read_to_string(file).ok())
                .collect();
            let sources = sources.to_lowercase();
            for operation in &field.choices {
                let is_default = field.default == Some(operation.as_str().into());
                let others = field.other_choices.iter();
                let others = others.filter(|(_, meant)| meant == operation);
                let mut names = others.map(|(name, _)| name).chain([operation]);
                if !is_default && !names.any(|name| sources.contains(&format!("\"{name}\""))) {
                    complaints.push(format!(
                        "no .{extension} case in {folder} calls {operation}"
                    ));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// Returns the folder whose cases show a module.
fn folder_of(module: &str) -> &str {
    match module {
        "stream" => "streaming",
        module => module,
    }
}

/// Returns whether a function is called or named, in either spelling: `.get_info(`, `:getInfo`, `"get_info"`.
fn is_used(sources: &str, verb: &str) -> bool {
    let mut words = verb.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        camel.push_str(&word[..1].to_uppercase());
        camel.push_str(&word[1..]);
    }
    let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    [verb, &camel].into_iter().any(|name| {
        sources.match_indices(name).any(|(at, _)| {
            let before = sources[..at].ends_with(['.', ':', '"']);
            before && !sources[at + name.len()..].starts_with(in_word)
        })
    })
}
