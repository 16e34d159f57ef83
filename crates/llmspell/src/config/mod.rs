//! The configuration: `llmspell.toml`, environment variables and flags, found, merged, checked.
//!
//! Everything is optional. A value knows where it was written, so that each finding names file, line and column.

mod artifacts;
mod check;
mod engines;
mod environment;
mod find;
mod interpolate;
mod later;
mod logging;
mod merge;
mod quantity;
mod redact;
mod rules;
mod runtime;
mod security;
mod sessions;
mod state;
mod synonyms;
mod tools;
mod tree;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use llmspell_core::{Error, Kind, Result, bail};
use llmspell_runtime::journal::Redact;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use artifacts::Shelving;
pub use check::{Finding, Severity};
pub use engines::{Engines, Language};
pub use find::{PROJECT_FILES, user_files};
pub use logging::{Color, LogFormat, Logging, ScriptLevel};
pub use quantity::{bytes, milliseconds};
pub use redact::{HIDDEN, is_secret, redact};
pub use rules::{Names, is_loopback};
pub use runtime::{Budget, Runtime, Unpriced};
pub use security::{FurtherSecrets, Security, Variables};
pub use sessions::{Backend, Endurance, Record, Recording, Storage};
pub use state::Keeping;
pub use synonyms::canonical_path;
pub(crate) use tree::parse as parse_toml;
pub use tree::{Document, Item, Origin, Table, Tree};

/// The whole configuration. Each section is documented where its part of the runtime is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Config {
    /// The language of `exec`, `repl` and of files without a known extension.
    pub default_engine: Language,
    /// How the configuration itself is read.
    pub config: Reading,
    /// The engines that run spells.
    pub engines: Engines,
    /// The model providers.
    pub providers: llmspell_model::ProvidersOptions,
    /// A run as a whole.
    pub runtime: Runtime,
    /// Values that outlive a run.
    pub state: Keeping,
    /// The record of runs.
    pub sessions: Recording,
    /// What runs make and keep.
    pub artifacts: Shelving,
    /// Where data is kept.
    pub storage: Storage,
    /// Hooks.
    pub hooks: llmspell_runtime::hook::Options,
    /// The event bus.
    pub events: llmspell_runtime::event::Options,
    /// What spells, tools and models may do.
    pub security: Security,
    /// The tools that exist for a run.
    pub tools: llmspell_runtime::tool::Options,
    /// Log records.
    pub logging: Logging,
    /// Spans and numbers for a collector.
    pub telemetry: llmspell_runtime::telemetry::Options,
}

/// How the configuration itself is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reading {
    /// Unknown keys are errors.
    pub strict: bool,
    /// Read `.env` in the working directory.
    pub dotenv: bool,
}

/// What a configuration depends on beside its files.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The environment variables.
    pub variables: Vec<(String, String)>,
    /// The working directory, absolute.
    pub cwd: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The system's own directory for configuration, where it differs from `~/.config`.
    pub system_config: Option<PathBuf>,
}

impl Surroundings {
    /// Returns those of this process.
    ///
    /// - Errors: `Io` if there is no working directory.
    pub fn of_process() -> Result<Self> {
        use etcetera::BaseStrategy;
        let cwd = std::env::current_dir().map_err(|failure| {
            Error::new(
                Kind::Io,
                format!("the working directory cannot be used: {failure}"),
            )
        })?;
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let native = etcetera::base_strategy::choose_native_strategy().ok();
        Ok(Self {
            variables,
            cwd,
            home: etcetera::home_dir().ok(),
            system_config: native.map(|native| native.config_dir()),
        })
    }

    /// Returns the value of a variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(given, _)| given == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// What the command line says about configuration.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// `--config PATH`.
    pub file: Option<PathBuf>,
    /// `--no-config`.
    pub no_files: bool,
    /// `--profile NAME`.
    pub profile: Option<String>,
    /// `--set KEY=VALUE`, in order, and what specific flags say: the flag's name and the assignment.
    pub set: Vec<(String, String)>,
}

/// A configuration that was read, merged and checked, with all findings.
#[derive(Debug)]
pub struct Draft {
    /// What the findings are about.
    pub tree: Tree,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// The files in force, the weaker first.
    pub files: Vec<Arc<Document>>,
    /// The profile in force.
    pub profile: Option<String>,
    /// The directory for data.
    pub data_dir: PathBuf,
    /// The environment, `.env` included if it is read.
    pub variables: Vec<(String, String)>,
    unset: Vec<Unset>,
    config: Option<Config>,
}

/// A configuration in force.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The options.
    pub config: Config,
    /// The directory for data.
    pub data_dir: PathBuf,
    /// The environment, `.env` included if it is read.
    pub variables: Vec<(String, String)>,
    /// What is struck out of everything that is written.
    pub redact: Redact,
    unset: Vec<Unset>,
    written: Json,
}

/// A key whose text names a variable that is not set.
#[derive(Clone, Debug)]
struct Unset {
    key: String,
    variable: String,
    origin: Origin,
}

impl Unset {
    fn error(&self) -> Error {
        let Self {
            key,
            variable,
            origin,
        } = self;
        let message =
            format!("'{key}' needs the environment variable {variable}, which is not set");
        origin.error(message).hint(format!(
            "set {variable}, or write a default: ${{{variable}:-…}}"
        ))
    }

    /// Returns the key without the place in a list.
    fn node(&self) -> &str {
        self.key.split('[').next().unwrap_or_default()
    }

    /// Returns the tool, or the programs that tools share, whose table the key stands in.
    fn tool(&self) -> Option<&str> {
        let (name, _) = self.key.strip_prefix("tools.")?.split_once('.')?;
        (name != "rate_limits").then_some(name)
    }
}

/// Returns the JSON Schema of options.
pub fn schema<T: JsonSchema>() -> Json {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

impl Draft {
    /// Finds, merges and checks the configuration.
    ///
    /// - Errors: `Config` if a file cannot be read or is no TOML, a profile is unknown, two places contradict each
    ///   other. What is wrong with single keys is a finding.
    pub fn read(request: &Selection, surroundings: &Surroundings, names: &Names) -> Result<Self> {
        let explicit = request
            .file
            .clone()
            .or_else(|| surroundings.var("LLMSPELL_CONFIG").map(PathBuf::from));
        let files = match request.no_files {
            true => Vec::new(),
            false => find::files(explicit.as_deref(), surroundings)?,
        };
        let mut tree = Tree::table(Origin::Flag("the configuration".into()));
        for file in &files {
            let mut layer = tree::parse(file)?;
            canonical_with_profiles(&mut layer, names)?;
            merge::merge(&mut tree, layer);
        }
        let profile = profile(request, surroundings);
        merge::apply_profile(
            &mut tree,
            profile
                .as_ref()
                .map(|(name, origin)| (name.as_str(), origin)),
        )?;
        let variables = with_dotenv(&tree, surroundings)?;
        let mut layer = environment::layer(&variables)?;
        canonical(&mut layer, names)?;
        merge::merge(&mut tree, layer);
        for (flag, assignment) in &request.set {
            let mut layer = tree::parse_assignment(assignment, &Origin::Flag(flag.clone()))?;
            canonical(&mut layer, names)?;
            merge::merge(&mut tree, layer);
        }
        let profile = profile.map(|(name, _)| name);
        Ok(Self::check(
            tree,
            files,
            profile,
            variables,
            surroundings,
            names,
        ))
    }

    fn check(
        mut tree: Tree,
        files: Vec<Arc<Document>>,
        profile: Option<String>,
        variables: Vec<(String, String)>,
        surroundings: &Surroundings,
        names: &Names,
    ) -> Self {
        let data_dir = interpolate_all(&mut tree, &variables, surroundings);
        let mut unset = unset_keys(&tree);
        let mut findings = Vec::new();
        // The usual start has nothing to check: no schema is built then.
        if tree.as_table().is_some_and(|table| !table.is_empty()) {
            mark_unset_providers(&mut tree);
            mark_unset_accounts(&mut tree);
            // A key that an account does without is its own affair.
            unset.retain(|unset| unset.tool().is_none() || tree.get(unset.node()).is_some());
            let schema = tools::describe(schema::<Config>(), &tree, names);
            findings = check::check(&mut tree, &schema);
        }
        let mut config = None;
        if findings
            .iter()
            .all(|finding| finding.severity == Severity::Warning)
        {
            match typed(&tree) {
                Ok(read) => {
                    findings.extend(rules::rules(&tree, &read, names));
                    config = Some(read);
                }
                Err(finding) => findings.push(finding),
            }
        }
        Self {
            tree,
            findings,
            files,
            profile,
            data_dir,
            variables,
            unset,
            config,
        }
    }

    /// Returns whether unknown keys are errors.
    pub fn is_strict(&self) -> bool {
        matches!(
            self.tree.get("config.strict").map(|node| &node.item),
            Some(Item::Bool(true))
        )
    }

    /// Returns the configuration, if there is no error in it.
    ///
    /// - Errors: `Config` with file, line and column of the first error, or of the first unknown key if those are
    ///   errors.
    pub fn load(self) -> Result<Loaded> {
        let strict = self.is_strict();
        let fatal = self.findings.iter().find(|own| own.is_fatal(strict));
        if let Some(finding) = fatal {
            let error = match &finding.origin {
                Some(origin) => origin.error(finding.message.clone()),
                None => Error::new(Kind::Config, finding.message.clone()),
            };
            return Err(match &finding.suggestion {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            });
        }
        let Some(config) = self.config else {
            bail!(Bug, "the configuration has neither errors nor options");
        };
        let written = self.tree.to_json().unwrap_or_default();
        let policy = config.security.environment.policy();
        let extra = &config.security.secrets.extra;
        let hidden = self.variables.iter();
        let hidden = hidden
            .filter(|(name, value)| policy.is_secret(name, value, extra))
            .cloned();
        Ok(Loaded {
            redact: Redact::new(hidden.chain(redact::secrets(&written))),
            config,
            data_dir: self.data_dir,
            variables: self.variables,
            unset: self.unset,
            written,
        })
    }
}

impl Loaded {
    /// Checks that no key of these sections names a variable that is not set. Those of single tools concern nobody else,
    /// see [`faulty_tools`](Self::faulty_tools).
    ///
    /// - Errors: `Config` naming key and variable.
    pub fn require(&self, sections: &[&str]) -> Result<()> {
        let of = |key: &str, section: &str| {
            key.strip_prefix(section)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let mut unset = self.unset.iter().filter(|unset| unset.tool().is_none());
        let missing = unset.find(|unset| sections.iter().any(|section| of(&unset.key, section)));
        missing.map_or(Ok(()), |missing| Err(missing.error()))
    }

    /// Returns the tools whose tables name variables that are not set, with the error for who uses them.
    pub fn faulty_tools(&self) -> impl Iterator<Item = (String, Error)> {
        let faulty = self.unset.iter();
        faulty.filter_map(|unset| Some((unset.tool()?.to_owned(), unset.error())))
    }

    /// Returns the keys whose variable is not set, each with the variable.
    pub fn unset(&self) -> impl Iterator<Item = (&str, &str)> {
        self.unset
            .iter()
            .map(|unset| (unset.key.as_str(), unset.variable.as_str()))
    }

    /// Returns the effective configuration with all defaults, secrets hidden.
    pub fn effective(&self) -> Json {
        let mut effective = defaults();
        lay(&mut effective, &self.written);
        if let Some(storage) = effective["storage"].as_object_mut() {
            storage.insert("dir".into(), self.data_dir.display().to_string().into());
        }
        redact(&mut effective);
        effective
    }
}

/// Returns the default values of all options.
///
/// Every run needs them, and to derive them from the schema takes longer than all else of its start together: they
/// are a generated file, which a test keeps up to date.
fn defaults() -> Json {
    serde_json::from_str(DEFAULTS).unwrap_or_default()
}

const DEFAULTS: &str = include_str!("defaults.json");

/// Lays written values upon defaults.
fn lay(base: &mut Json, over: &Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (name, value) in over {
                lay(base.entry(name.as_str()).or_insert(Json::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

fn canonical(layer: &mut Tree, names: &Names) -> Result<()> {
    synonyms::canonical(layer)?;
    tools::canonical(layer, names)
}

/// Profiles are partial configurations, so they may use synonyms as well.
fn canonical_with_profiles(layer: &mut Tree, names: &Names) -> Result<()> {
    canonical(layer, names)?;
    let profiles = layer
        .as_table_mut()
        .and_then(|table| table.get_mut("profiles"));
    for (_, profile) in profiles.and_then(Tree::as_table_mut).into_iter().flatten() {
        canonical(profile, names)?;
    }
    Ok(())
}

fn profile(request: &Selection, surroundings: &Surroundings) -> Option<(String, Origin)> {
    let flag = request
        .profile
        .clone()
        .map(|name| (name, Origin::Flag("--profile".into())));
    flag.or_else(|| {
        let variable = "LLMSPELL_PROFILE";
        let name = surroundings.var(variable)?;
        Some((name.to_owned(), Origin::Variable(variable.into())))
    })
}

/// Returns the environment, with `.env` below it if the configuration says so.
fn with_dotenv(tree: &Tree, surroundings: &Surroundings) -> Result<Vec<(String, String)>> {
    let mut variables = surroundings.variables.clone();
    let wanted = tree.get("config.dotenv");
    if !matches!(wanted.map(|node| &node.item), Some(Item::Bool(true))) {
        return Ok(variables);
    }
    let path = surroundings.cwd.join(".env");
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            for (name, value) in environment::dotenv(&text) {
                if !variables.iter().any(|(given, _)| *given == name) {
                    variables.push((name, value));
                }
            }
            Ok(variables)
        }
        Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => Ok(variables),
        Err(failure) => Err(Error::new(
            Kind::Config,
            format!(".env cannot be read: {failure}"),
        )),
    }
}

/// Expands `${…}` everywhere and returns the data directory, on which other texts may depend.
fn interpolate_all(
    tree: &mut Tree,
    variables: &[(String, String)],
    surroundings: &Surroundings,
) -> PathBuf {
    let lookup = |name: &str, node: &Tree, data: Option<&Path>| {
        let built_in = match name {
            "cwd" => Some(surroundings.cwd.as_path()),
            "config_dir" => {
                // Without `..` and links, as paths of tools have to be.
                let dir = node.origin.directory().unwrap_or(&surroundings.cwd);
                let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
                return Some(dir.display().to_string());
            }
            "home" => surroundings.home.as_deref(),
            "data_dir" => data,
            "run_tmp" => return Some(run_tmp().display().to_string()),
            _ => {
                let found = variables.iter().find(|(given, _)| given == name);
                return found.map(|(_, value)| value.clone());
            }
        };
        built_in.map(|path| path.display().to_string())
    };
    let written = tree.get("storage.dir").cloned().and_then(|mut node| {
        interpolate::interpolate(&mut node, &|name, node| lookup(name, node, None));
        match &node.item {
            Item::Text(text) => {
                let base = node.origin.directory().unwrap_or(&surroundings.cwd);
                Some(base.join(text))
            }
            _ => None,
        }
    });
    let data_dir = written.unwrap_or_else(|| find::data_dir(surroundings));
    interpolate::interpolate(tree, &|name, node| lookup(name, node, Some(&data_dir)));
    data_dir
}

/// Returns the directory for the temporary files of this run; it is made by who first needs it.
pub(crate) fn run_tmp() -> PathBuf {
    std::env::temp_dir().join(format!("llmspell-{}", std::process::id()))
}

fn unset_keys(tree: &Tree) -> Vec<Unset> {
    let mut unset = Vec::new();
    tree.scalars(&mut |key, node| {
        if let Item::Unset { variable, .. } = &node.item {
            unset.push(Unset {
                key: key.to_owned(),
                variable: variable.clone(),
                origin: node.origin.clone(),
            });
        }
    });
    unset
}

/// Lets the providers whose keys name variables that are not set fail when they are first used, and not before.
///
/// `api_key = "${VARIABLE}"` becomes `api_key_env = "VARIABLE"`, which the provider's own error names. Any other key
/// leaves its text as the address, which no request can be sent to.
fn mark_unset_providers(tree: &mut Tree) {
    let Some(providers) = tree
        .as_table_mut()
        .and_then(|table| table.get_mut("providers"))
    else {
        return;
    };
    for (_, provider) in providers.as_table_mut().into_iter().flatten() {
        let mut key = None;
        let mut other = None;
        provider.scalars(&mut |name, node| match (&node.item, name) {
            (Item::Unset { variable, text }, "api_key") if *text == format!("${{{variable}}}") => {
                key = Some(Tree {
                    item: Item::Text(variable.clone()),
                    ..node.clone()
                });
            }
            (Item::Unset { text, .. }, _) => {
                other = Some(Tree {
                    item: Item::Text(text.clone()),
                    ..node.clone()
                });
            }
            _ => {}
        });
        let Some(table) = provider.as_table_mut() else {
            continue;
        };
        if let Some(variable) = key {
            table.shift_remove("api_key");
            table.entry("api_key_env".to_owned()).or_insert(variable);
        }
        if let Some(text) = other {
            table.insert("base_url".to_owned(), text);
        }
    }
}

/// Lets the accounts of tools whose keys name variables that are not set fail when they are first used, and not before:
/// `api_key = "${VARIABLE}"` becomes `api_key_env = "VARIABLE"`, and a password likewise.
fn mark_unset_accounts(tree: &mut Tree) {
    let tools = tree.as_table_mut().and_then(|table| table.get_mut("tools"));
    for (_, tool) in tools.and_then(Tree::as_table_mut).into_iter().flatten() {
        let accounts = tool
            .as_table_mut()
            .and_then(|table| table.get_mut("providers"));
        for (_, account) in accounts.and_then(Tree::as_table_mut).into_iter().flatten() {
            let Some(table) = account.as_table_mut() else {
                continue;
            };
            for key in ["api_key", "password"] {
                let Some(node) = table.get(key) else {
                    continue;
                };
                if let Item::Unset { variable, text } = &node.item
                    && *text == format!("${{{variable}}}")
                {
                    let named = Tree {
                        item: Item::Text(variable.clone()),
                        ..node.clone()
                    };
                    table.shift_remove(key);
                    table.entry(format!("{key}_env")).or_insert(named);
                }
            }
        }
    }
}

/// Reads the options from a tree that fits their schema.
fn typed(tree: &Tree) -> Result<Config, Finding> {
    let json = tree.to_json().unwrap_or_default();
    serde_path_to_error::deserialize(json).map_err(|failure| {
        let path = failure.path().to_string();
        let origin = tree.get(&path).map_or(&tree.origin, |node| &node.origin);
        Finding::error(&path, format!("'{path}': {}", failure.inner()), origin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(dir: &Path, variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            cwd: dir.to_owned(),
            home: Some(dir.join("home")),
            system_config: None,
        }
    }

    fn names() -> Names {
        Names {
            providers: vec!["openai".into(), "mock".into()],
            tools: vec!["calculator".into()],
            ..Names::default()
        }
    }

    fn draft(
        text: &str,
        variables: &[(&str, &str)],
        request: Selection,
    ) -> (tempfile::TempDir, Result<Draft>) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("llmspell.toml"), text).unwrap();
        let draft = Draft::read(&request, &surroundings(dir.path(), variables), &names());
        (dir, draft)
    }

    fn load(text: &str, variables: &[(&str, &str)], request: Selection) -> Result<Loaded> {
        draft(text, variables, request).1?.load()
    }

    /// Returns the default values that a schema states.
    fn stated(schema: &Json) -> Json {
        let members = schema["properties"].as_object().into_iter().flatten();
        let values = members.filter_map(|(name, schema)| {
            let value = match schema["properties"].is_object() {
                true => stated(schema),
                false => schema["default"].clone(),
            };
            (!value.is_null()).then(|| (name.clone(), value))
        });
        Json::Object(values.collect())
    }

    #[test]
    fn the_file_of_defaults_is_what_the_schema_states() {
        let wanted = format!("{:#}\n", stated(&schema::<Config>()));
        if std::env::var_os("UPDATE").is_some() {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config/defaults.json");
            std::fs::write(file, &wanted).unwrap();
        }
        assert_eq!(
            DEFAULTS, wanted,
            "write it anew with UPDATE=1 cargo test -p llmspell --lib defaults"
        );
    }

    #[test]
    fn no_file_is_ever_needed() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = Draft::read(
            &Selection::default(),
            &surroundings(dir.path(), &[]),
            &names(),
        )
        .unwrap()
        .load()
        .unwrap();
        assert_eq!(loaded.config.runtime.timeout_ms, 300_000);
        assert_eq!(
            loaded.data_dir,
            dir.path().join("home/.local/share/llmspell")
        );
        assert!(load("", &[], Selection::default()).is_ok());
    }

    #[test]
    fn flags_beat_variables_beat_profiles_beat_files() {
        let text = "[runtime]\ntimeout_ms = 1\nseed = 1\nmax_memory = 1\nworkers = 1\n[profiles.ci.runtime]\ntimeout_ms = 2\nseed = 2\nmax_memory = 2";
        let request = Selection {
            profile: Some("ci".into()),
            set: vec![("--set".into(), "runtime.timeout_ms=4".into())],
            ..Selection::default()
        };
        let variables = [
            ("LLMSPELL_RUNTIME__TIMEOUT_MS", "3"),
            ("LLMSPELL_RUNTIME__SEED", "3"),
        ];
        let runtime = load(text, &variables, request).unwrap().config.runtime;
        assert_eq!(
            (
                runtime.timeout_ms,
                runtime.seed,
                runtime.max_memory,
                runtime.workers
            ),
            (4, Some(3), 2, Some(1))
        );
    }

    #[test]
    fn no_config_keeps_variables() {
        let request = Selection {
            no_files: true,
            ..Selection::default()
        };
        let runtime = load(
            "[runtime]\nseed = 1",
            &[("LLMSPELL_SCRIPT_TIMEOUT", "9")],
            request,
        )
        .unwrap()
        .config
        .runtime;
        assert_eq!((runtime.seed, runtime.timeout_ms), (None, 9000));
    }

    #[test]
    fn errors_have_file_line_and_column() {
        let error = load("[runtime]\ntimeout_ms = 0", &[], Selection::default()).unwrap_err();
        let details = error.details();
        assert_eq!(error.kind(), Kind::Config);
        assert_eq!(details["file"].as_str(), Some("llmspell.toml"));
        assert_eq!(
            (details["line"].as_int(), details["column"].as_int()),
            (Some(2), Some(14))
        );
        let error = load(
            "",
            &[("LLMSPELL_ALLOW_NETWORK_ACCESS", "maybe")],
            Selection::default(),
        )
        .unwrap_err();
        assert_eq!(
            error.details()["variable"].as_str(),
            Some("LLMSPELL_ALLOW_NETWORK_ACCESS")
        );
    }

    #[test]
    fn strict_makes_unknown_keys_errors() {
        let (_dir, draft) = draft("[runtime]\nsede = 1", &[], Selection::default());
        let draft = draft.unwrap();
        assert_eq!(
            draft.findings[0].text(),
            "unknown key 'runtime.sede' (did you mean 'seed'?)"
        );
        assert!(draft.load().is_ok());
        let error = load(
            "[config]\nstrict = true\n[runtime]\nsede = 1",
            &[],
            Selection::default(),
        )
        .unwrap_err();
        assert_eq!(error.hints(), ["did you mean 'seed'?"]);
    }

    #[test]
    fn built_in_variables_are_expanded() {
        let (dir, draft) = draft(
            "[storage]\ndir = '${home}/d'\n[sessions]\npath = '${data_dir}/s'\n[logging]\nlevel = '${cwd}'",
            &[],
            Selection::default(),
        );
        let loaded = draft.unwrap().load().unwrap();
        assert_eq!(
            loaded.config.sessions.path,
            Some(dir.path().join("home/d/s"))
        );
        assert_eq!(
            loaded.config.logging.level,
            dir.path().display().to_string()
        );
        assert_eq!(loaded.data_dir, dir.path().join("home/d"));
    }

    #[test]
    fn an_unset_variable_is_an_error_of_its_user() {
        let loaded = load(
            "[sessions]\npath = '${NOWHERE}'\n[providers.openai]\napi_key = '${MISSING}'",
            &[],
            Selection::default(),
        )
        .unwrap();
        assert!(loaded.require(&["runtime", "session"]).is_ok());
        let error = loaded.require(&["sessions"]).unwrap_err();
        assert_eq!(
            error.message(),
            "'sessions.path' needs the environment variable NOWHERE, which is not set"
        );
        assert_eq!(
            loaded.config.providers.instances["openai"]
                .api_key_env
                .as_deref(),
            Some("MISSING")
        );
    }

    #[test]
    fn an_unset_variable_in_a_list_is_an_error_as_well() {
        let text = "[security.files]\nroots = ['${cwd}', '${NOWHERE}']\n[tools]\ndeny = ['${NOWHAT}']\n\
            [tools.web_search]\nfallback = ['brave', '${NOWHO}']";
        let loaded = load(text, &[], Selection::default()).unwrap();
        let message = |section: &str| loaded.require(&[section]).unwrap_err().message().to_owned();
        assert_eq!(
            message("security"),
            "'security.files.roots[2]' needs the environment variable NOWHERE, which is not set"
        );
        assert_eq!(
            message("tools.deny"),
            "'tools.deny[1]' needs the environment variable NOWHAT, which is not set"
        );
        let faulty: Vec<_> = loaded.faulty_tools().map(|(tool, _)| tool).collect();
        assert_eq!(faulty, ["web_search"]);
    }

    #[test]
    fn an_unset_variable_of_a_tool_concerns_that_tool() {
        let text = "[tools]\ngrant = 'safe'\n[tools.http_request]\ndefault_headers = { x = '${NOWHERE}' }\n\
            [tools.web_search.providers.brave]\napi_key = '${MISSING}'";
        let loaded = load(text, &[], Selection::default()).unwrap();
        assert!(loaded.require(&["tools"]).is_ok());
        let faulty: Vec<_> = loaded.faulty_tools().collect();
        let [(tool, error)] = &*faulty else {
            panic!("{faulty:?}");
        };
        assert_eq!(tool, "http_request");
        assert_eq!(
            error.message(),
            "'tools.http_request.default_headers.x' needs the environment variable NOWHERE, which is not set"
        );
        let brave = &loaded.config.tools.each["web_search"]["providers"]["brave"];
        assert_eq!(brave, &serde_json::json!({"api_key_env": "MISSING"}));
        let all = load("[tools]\ngrant = '${NOWHERE}'", &[], Selection::default());
        let all = all.unwrap().require(&["tools"]);
        assert_eq!(all.unwrap_err().kind(), Kind::Config);
    }

    #[test]
    fn a_provider_with_an_unset_variable_has_no_address() {
        let text = "[providers.openai]\nmodel = 'x'\nheaders = { x-team = '${TEAM}' }";
        let loaded = load(text, &[], Selection::default()).unwrap();
        let options = &loaded.config.providers.instances["openai"];
        assert_eq!(options.base_url.as_deref(), Some("${TEAM}"));
        let unset: Vec<_> = loaded.unset().collect();
        assert_eq!(unset, [("providers.openai.headers.x-team", "TEAM")]);
    }

    #[test]
    fn dotenv_fills_gaps_only_when_asked() {
        let text = "[config]\ndotenv = true\n[logging]\nlevel = '${LEVEL:-none}'";
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".env"), "LEVEL=debug\nHOME=/wrong").unwrap();
        std::fs::write(dir.path().join("llmspell.toml"), text).unwrap();
        let world = surroundings(dir.path(), &[("HOME", "/right")]);
        let level = |world: &Surroundings| {
            Draft::read(&Selection::default(), world, &names())
                .unwrap()
                .load()
                .unwrap()
                .config
                .logging
                .level
        };
        assert_eq!(level(&world), "debug");
        std::fs::write(
            dir.path().join("llmspell.toml"),
            text.replace("true", "false"),
        )
        .unwrap();
        assert_eq!(level(&world), "none");
    }

    #[test]
    fn the_effective_configuration_has_defaults_and_no_secrets() {
        let loaded = load("[runtime]\nseed = 5\n[providers.openai]\napi_key = 'sk-1'\n[tools.calculator]\nenabled = false\n[hooks]\nmax_hooks = 3", &[], Selection::default()).unwrap();
        let effective = loaded.effective();
        assert_eq!(effective["runtime"]["seed"], 5);
        assert_eq!(effective["runtime"]["timeout_ms"], 300_000);
        assert_eq!(effective["providers"]["openai"]["api_key"], HIDDEN);
        assert_eq!(effective["tools"]["calculator"]["enabled"], false);
        assert_eq!(effective["hooks"]["max_hooks"], 3);
        assert!(!effective.to_string().contains("sk-1"));
    }

    #[test]
    fn profiles_may_use_synonyms() {
        let request = Selection {
            profile: Some("x".into()),
            ..Selection::default()
        };
        let loaded = load(
            "[profiles.x.runtime.security]\nlevel = 'safe'",
            &[],
            request,
        )
        .unwrap();
        assert_eq!(loaded.config.security.level, llmspell_core::Level::Safe);
    }
}
