//! `llmspell info`, and the version.

use std::path::Path;

use clap::Args;
use llmspell::config::{self, Draft, Loaded, Surroundings};
use llmspell_core::Result;
use serde_json::{Value as Json, json};

use crate::desk::Desk;
use crate::exit::Ends;
use crate::output::Mode;

/// Show version, engines, paths and what this machine supports.
#[derive(Args, Debug)]
pub(crate) struct Info {
    /// Also where configuration is looked for, and all tools
    #[arg(long)]
    all: bool,
}

/// Returns what this build has beyond its engines.
fn features() -> Vec<&'static str> {
    let mut features = vec!["sqlite", "worker"];
    if cfg!(feature = "typescript") {
        features.push("typescript");
    }
    features
}

/// Returns version, commit, engines and features.
fn version() -> Json {
    json!({
        "name": "llmspell",
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("LLMSPELL_COMMIT"),
        "engines": ["lua", "javascript"],
        "features": features(),
        "target": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
    })
}

/// Prints the version, as JSON if the arguments ask for that, and ends the process.
pub(crate) fn version_and_exit(args: &[std::ffi::OsString]) -> ! {
    let given: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let json = given.windows(2).any(|pair| pair == ["--output", "json"])
        || given.contains(&"--output=json");
    let mode = if json { Mode::Json } else { Mode::Text };
    let screen = crate::output::Screen::new(mode, Some(false), false);
    match mode {
        Mode::Json => screen.document(&version()),
        _ => screen.line(concat!("llmspell ", env!("CARGO_PKG_VERSION"))),
    }
    std::process::exit(0)
}

pub(crate) fn info(args: Info, mut desk: Desk) -> Ends {
    let draft = desk.draft(Vec::new())?;
    let files: Vec<String> = draft
        .files
        .iter()
        .map(|file| file.path.display().to_string())
        .collect();
    let places = places(&draft);
    let loaded = desk.load(Vec::new())?;
    let data = &loaded.data_dir;
    let mut document = version();
    document["config_files"] = json!(files);
    document["data_dir"] = json!(data);
    document["default_engine"] = json!(loaded.config.default_engine.name());
    document["stores"] = json!(stores(data));
    document["sandbox"] = sandbox(&loaded)?;
    document["providers"] = llmspell::providers(&loaded)?
        .list()
        .iter()
        .map(|info| info.name.as_str())
        .collect();
    let tools: Vec<String> = llmspell::names().tools;
    document["tool_count"] = tools.len().into();
    if args.all {
        document["config_places"] = json!(places);
        document["tools"] = json!(tools);
    }
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&document),
        _ => desk.screen.line(&text(&document, &desk)),
    }
    Ok(0)
}

fn text(document: &Json, desk: &Desk) -> String {
    let mut text = format!(
        "{}\n",
        desk.heading(concat!("llmspell ", env!("CARGO_PKG_VERSION")))
    );
    let mut fact = |name: &str, value: String| text.push_str(&format!("{name:<10}{value}\n"));
    let list = |value: &Json| {
        let items: Vec<&str> = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        match items.is_empty() {
            true => "none".to_owned(),
            false => items.join(" "),
        }
    };
    if let Some(commit) = document["commit"].as_str() {
        fact("commit", commit.to_owned());
    }
    fact("engines", list(&document["engines"]));
    fact("features", list(&document["features"]));
    fact("config", list(&document["config_files"]));
    fact(
        "data",
        document["data_dir"].as_str().unwrap_or_default().to_owned(),
    );
    for (name, bytes) in document["stores"].as_object().into_iter().flatten() {
        fact("store", format!("{name} ({bytes} bytes)"));
    }
    let sandbox = &document["sandbox"];
    fact(
        "sandbox",
        match sandbox["error"].as_str() {
            Some(error) => format!("workers do not start: {error}"),
            None => format!(
                "limits {}, landlock {}, seccomp {}",
                word(&sandbox["limits"]),
                sandbox["landlock"].as_str().unwrap_or("unknown"),
                word(&sandbox["seccomp"])
            ),
        },
    );
    fact("providers", list(&document["providers"]));
    fact("tools", document["tool_count"].to_string());
    if document.get("tools").is_some() {
        text.push_str("\ntools:\n");
        for name in document["tools"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
        {
            text.push_str(&format!("  {name}\n"));
        }
        text.push_str("\nconfiguration is looked for in:\n");
        for place in document["config_places"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
        {
            text.push_str(&format!("  {place}\n"));
        }
    }
    text
}

fn word(truth: &Json) -> &'static str {
    match truth.as_bool() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

fn places(draft: &Draft) -> Vec<String> {
    let Ok(surroundings) = Surroundings::of_process() else {
        return Vec::new();
    };
    let user = config::user_files(&surroundings);
    let project = config::PROJECT_FILES
        .iter()
        .map(|name| surroundings.cwd.join(name));
    let explicit = draft.files.iter().map(|file| file.path.clone());
    let mut places: Vec<String> = user
        .into_iter()
        .chain(project)
        .chain(explicit)
        .map(|path| path.display().to_string())
        .collect();
    let mut seen = std::collections::HashSet::new();
    places.retain(|place| seen.insert(place.clone()));
    places
}

/// Returns the databases in the data directory and their sizes.
fn stores(data: &Path) -> serde_json::Map<String, Json> {
    let mut found = serde_json::Map::new();
    let mut open = vec![data.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let (path, metadata) = (entry.path(), entry.metadata());
            let Ok(metadata) = metadata else { continue };
            if metadata.is_dir() && dir == *data {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "db") {
                found.insert(path.display().to_string(), metadata.len().into());
            }
        }
    }
    found
}

/// Returns how workers are confined on this machine, as one of them says.
fn sandbox(loaded: &Loaded) -> Result<Json> {
    let threads = super::running::threads(loaded)?;
    let confined = crate::wait(&threads, async { llmspell::workers()?.confinement().await });
    threads.shutdown_background();
    Ok(match confined {
        Ok(confined) => {
            json!({"limits": confined.limits, "landlock": confined.landlock, "seccomp": confined.seccomp})
        }
        Err(error) => json!({"error": error.to_string()}),
    })
}
