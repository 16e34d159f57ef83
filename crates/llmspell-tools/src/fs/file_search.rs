//! `file_search`: searches text in files, or files by name, size and date.

mod decode;
mod find;
mod hit;
mod ignored;
mod query;
mod scope;
mod search;

use std::time::Duration;

use llmspell_core::{Cx, Effect, Error, Files, Level, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use self::scope::Scope;
use crate::choice::{choose_or_first, fold};
use crate::fs::pattern::Globs;
use crate::param::{Given, choices, missing, names, refused, texts, within};

const TOOL: &str = "file_search";

const OPERATIONS: &[&[&str]] = &[
    &["search", "search_content", "search_regex"],
    &["find", "find_files"],
    &["count"],
];

const OUTPUTS: &[&[&str]] = &[&["matches"], &["files"], &["count"]];
const TYPES: &[&[&str]] = &[
    &["file"],
    &["directory", "dir"],
    &["symlink", "link"],
    &["other"],
];

/// Names that are left out unless the call says otherwise.
const EXCLUDE: &[&str] = &[
    ".git",
    ".svn",
    ".hg",
    "node_modules",
    "target",
    ".idea",
    ".vscode",
];

/// Most results that a call may ask for.
const MOST_RESULTS: i64 = 100_000;

pub(super) fn op() -> Op {
    Op::new(TOOL, file_search).effect(Effect::Read).tool(
        ToolInfo::new("filesystem")
            .settings::<Config>()
            .example(
                "Searches text in files",
                r#"{"pattern": "milk", "path": ".", "include": ["*.txt"]}"#,
            )
            .example(
                "Finds files by name",
                r#"{"operation": "find", "path": ".", "name": "*.csv"}"#,
            )
            .level(Level::Restricted)
            .timeout(Duration::from_secs(60))
            .operations(&names(OPERATIONS))
            .needs(&["search", "count"], &["pattern"]),
    )
}

/// Searches text in files, or files by name, size and date.
///
/// Globs: `*` and `?` stay within one name, `**` stands for any number of directories. One without `/` is about the name
/// alone, a bare word also about the extension.
#[derive(Deserialize, JsonSchema)]
struct FileSearch {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "search"))]
    operation: Option<String>,
    /// The text, or with `use_regex` the regular expression. With `find`, the same as `name`.
    #[schemars(extend("x-synonyms" = ["query"]))]
    pattern: Option<String>,
    /// The directory or file, or a list of them.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}, "x-synonyms" = ["directory", "paths"]))]
    path: Value,
    /// Whether directories below are looked into.
    #[schemars(extend("default" = true))]
    recursive: Option<bool>,
    /// Whether upper and lower case differ.
    #[schemars(extend("default" = true))]
    case_sensitive: Option<bool>,
    /// The opposite of `case_sensitive`.
    ignore_case: Option<bool>,
    /// Whether `pattern` is a regular expression.
    #[schemars(extend("default" = false, "x-synonyms" = ["regex"]))]
    use_regex: Option<bool>,
    /// Whether only whole words match.
    #[schemars(extend("default" = false))]
    whole_word: Option<bool>,
    /// Whether a match may go over several lines.
    #[schemars(extend("default" = false))]
    multiline: Option<bool>,
    /// Lines that are shown before and after a match.
    #[schemars(range(min = 0, max = 50), extend("default" = 2))]
    context_lines: Option<i64>,
    /// Globs of the files that are looked at, as a list or with commas between; all if absent.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"},
        "x-synonyms" = ["file_pattern", "include_extensions", "extensions"]))]
    include: Option<Value>,
    /// Globs of files and directories that are left out.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}, "default" = EXCLUDE,
        "x-synonyms" = ["exclude_dirs", "exclude_extensions"]))]
    exclude: Option<Value>,
    /// Whether what `.gitignore` files name is left out.
    #[schemars(extend("default" = true))]
    respect_gitignore: Option<bool>,
    /// Whether names that start with a dot are looked at.
    #[schemars(extend("default" = false))]
    hidden: Option<bool>,
    /// Most matches, or with `find` most files.
    #[schemars(range(min = 1, max = 100_000), extend("default" = 1000))]
    max_results: Option<i64>,
    /// Most matches of one file; 0 for no limit.
    #[schemars(range(min = 0), extend("default" = 0))]
    max_matches_per_file: Option<i64>,
    /// Largest file that is searched, in bytes.
    #[schemars(range(min = 1), extend("default" = 10_485_760))]
    max_file_size: Option<i64>,
    /// How many levels of directories are looked into.
    #[schemars(range(min = 1, max = 100), extend("default" = 20))]
    max_depth: Option<i64>,
    /// With `find`: glob of the name.
    name: Option<String>,
    /// With `find`: least size in bytes.
    #[schemars(range(min = 0))]
    min_size: Option<i64>,
    /// With `find`: largest size in bytes.
    #[schemars(range(min = 0))]
    max_size: Option<i64>,
    /// With `find`: changed at this time or later, such as `2026-01-31` or `2026-01-31T10:00:00Z`.
    modified_after: Option<String>,
    /// With `find`: changed before this time.
    modified_before: Option<String>,
    /// With `find`: only entries of this type.
    #[schemars(transform = choices(TYPES))]
    r#type: Option<String>,
    /// What `output` is: the matches, the paths of the files that have some, or how many there are.
    #[schemars(transform = choices(OUTPUTS), extend("default" = "matches"))]
    output_mode: Option<String>,
}

/// `[tools.file_search]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Most results unless a call says otherwise.
    max_results: i64,
    /// Largest file that is searched, in bytes, unless a call says otherwise.
    max_file_bytes: i64,
    /// How many levels of directories are looked into unless a call says otherwise.
    max_depth: i64,
    /// Globs that are left out unless a call says otherwise.
    exclude: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_results: 1000,
            max_file_bytes: 10 << 20,
            max_depth: 20,
            exclude: EXCLUDE.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}

async fn file_search(cx: Cx, call: Given<FileSearch>) -> Result<Outcome> {
    let given = call.args.operation.as_deref();
    let operation = choose_or_first("operation", given, OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    cx.files(move |files, cx| {
        let work = Work {
            files,
            cx,
            a: &call.args,
            config: &config,
            operation,
        };
        let (used, outcome) = match operation {
            "find" => (
                "pattern name case_sensitive ignore_case min_size max_size modified_after modified_before type",
                find::find(&work)?,
            ),
            "count" => (
                "pattern case_sensitive ignore_case use_regex whole_word multiline max_matches_per_file max_file_size",
                search::count(&work)?,
            ),
            _ => (
                "pattern case_sensitive ignore_case use_regex whole_word multiline context_lines \
                 max_matches_per_file max_file_size output_mode",
                search::search(&work)?,
            ),
        };
        let everywhere = "path recursive include exclude respect_gitignore hidden max_depth max_results";
        Ok(call.warn(op, &format!("{everywhere} {used}"), outcome))
    })
    .await
}

/// One call at work.
struct Work<'a> {
    files: &'a dyn Files,
    cx: &'a Cx,
    a: &'a FileSearch,
    config: &'a Config,
    operation: &'static str,
}

impl<'a> Work<'a> {
    fn missing(&self, parameter: &'static str) -> Error {
        missing(TOOL, self.operation, parameter)
    }

    fn paths(&self) -> Result<Vec<&'a str>> {
        let paths = texts("path", &self.a.path)?;
        match paths.iter().any(|path| path.is_empty()) || paths.is_empty() {
            true => Err(refused("path", "parameter 'path' is empty")),
            false => Ok(paths),
        }
    }

    fn scope(&self) -> Result<Scope<'a>> {
        let a = self.a;
        let depth = match a.recursive {
            Some(false) => 1,
            _ => a.max_depth.unwrap_or(self.config.max_depth),
        };
        let include = match &a.include {
            Some(given) => Some(Globs::new("include", &globs("include", given)?)?),
            None => None,
        };
        let exclude = match &a.exclude {
            Some(given) => globs("exclude", given)?,
            None => self.config.exclude.clone(),
        };
        Ok(Scope {
            files: self.files,
            cx: self.cx,
            include: include.filter(|include| !include.is_empty()),
            exclude: Globs::new("exclude", &exclude)?,
            gitignore: a.respect_gitignore.unwrap_or(true),
            hidden: a.hidden.unwrap_or(false),
            depth: within("max_depth", depth, 1..=100)?,
        })
    }

    fn is_case_sensitive(&self) -> Result<bool> {
        match (self.a.case_sensitive, self.a.ignore_case) {
            (Some(sensitive), Some(ignore)) if sensitive == ignore => {
                let message = "parameters 'case_sensitive' and 'ignore_case' contradict each other";
                Err(refused("ignore_case", message).misshapen())
            }
            (Some(sensitive), _) => Ok(sensitive),
            (None, ignore) => Ok(!ignore.unwrap_or(false)),
        }
    }

    fn is_regex(&self) -> bool {
        let named = self.a.operation.as_deref().map(fold);
        self.a.use_regex.unwrap_or(false) || named.as_deref() == Some("search_regex")
    }

    fn max_results(&self) -> Result<usize> {
        let most = self.a.max_results.unwrap_or(self.config.max_results);
        within("max_results", most, 1..=MOST_RESULTS)
    }
}

/// Returns the globs of a parameter; a bare word stands for a name and for an extension.
fn globs(parameter: &'static str, value: &Value) -> Result<Vec<String>> {
    let mut globs = Vec::new();
    for text in texts(parameter, value)? {
        for part in parts(text) {
            let bare = part.strip_prefix('.').unwrap_or(part);
            if bare
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '_')
            {
                globs.push(format!("*.{bare}"));
            }
            globs.push(part.to_owned());
        }
    }
    Ok(globs)
}

/// Splits at commas that do not stand within braces.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let split = text.split(move |letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth <= 0
    });
    split.map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests;
