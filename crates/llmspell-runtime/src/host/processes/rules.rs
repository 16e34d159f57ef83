//! `[security.process]`, and what it refuses.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use llmspell_core::{Error, Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::glob;

/// Programs that do no harm.
pub(super) const HARMLESS: &[&str] = &[
    "echo", "cat", "ls", "pwd", "whoami", "date", "uname", "which", "test", "head", "tail", "wc",
    "grep", "find", "sort", "uniq",
];

/// Those of them that read files, so that they run only where the system keeps them to the roots.
pub(super) const READERS: &[&str] = &[
    "cat", "ls", "head", "tail", "wc", "grep", "find", "sort", "uniq", "test",
];

/// Which programs spells and tools start, and what they may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProcessRules {
    /// Programs that may run, by name or absolute path. Those beyond the default need `allow_process_spawn` as well.
    pub allow: Vec<String>,
    /// Directories in which names are looked up.
    pub path: Vec<PathBuf>,
    /// What arguments a program may have, by its name. `find`, `sort` and `date` have rules of their own unless named.
    pub arguments: BTreeMap<String, ArgumentRules>,
    /// Environment variables that processes get beside the usual ones.
    pub pass_env: Vec<String>,
    /// Whether processes may use the network.
    pub network: bool,
    /// What happens where the system cannot keep a process to the roots.
    pub fs_confinement: FsConfinement,
    /// Processor time of one process, in seconds.
    #[schemars(range(min = 1))]
    pub cpu_seconds: u64,
    /// Address space of one process, in bytes.
    #[schemars(range(min = 1))]
    pub max_memory: u64,
    /// Processes that one process may start (count).
    #[schemars(range(min = 1))]
    pub max_processes: u64,
}

/// What happens where the system cannot keep a process to the roots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FsConfinement {
    /// Nothing runs.
    Strict,
    /// Programs that only read files do not run; arguments of others may not name files beyond the roots.
    #[default]
    BestEffort,
    /// Processes are not kept to the roots anywhere.
    Off,
}

/// What arguments a program may have, as patterns with `*`.
///
/// A refused `-x*` means the short option anywhere in a group of them, a refused `--name*` the long option however
/// short it is written: most programs take `--n` for it. What is permitted is compared as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ArgumentRules {
    /// Arguments that are refused.
    pub deny: Vec<String>,
    /// When not empty, the only arguments that are not.
    pub allow: Vec<String>,
    /// Most arguments (count).
    pub max_count: usize,
    /// Most bytes of all arguments.
    pub max_bytes: usize,
}

impl Default for ArgumentRules {
    fn default() -> Self {
        Self {
            deny: Vec::new(),
            allow: Vec::new(),
            max_count: 256,
            max_bytes: 128 << 10,
        }
    }
}

/// Arguments that let harmless programs do harm.
const DENIED_ARGUMENTS: &[(&str, &[&str])] = &[
    (
        "find",
        &[
            "-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint*", "-fls",
        ],
    ),
    ("sort", &["-o*", "--output*", "--compress-program*"]),
    // A bare number is a time to set as well; `--date=TEXT` is one to show.
    (
        "date",
        &[
            "-s*", "--set*", "0*", "1*", "2*", "3*", "4*", "5*", "6*", "7*", "8*", "9*",
        ],
    ),
];

/// Returns the rules of a program for which none are configured.
fn usual_arguments(name: &str) -> ArgumentRules {
    let denied = DENIED_ARGUMENTS.iter().find(|(known, _)| *known == name);
    let deny = denied.map_or(&[][..], |(_, deny)| *deny);
    ArgumentRules {
        deny: deny.iter().map(|&pattern| pattern.to_owned()).collect(),
        ..ArgumentRules::default()
    }
}

impl Default for ProcessRules {
    /// A few programs that do no harm.
    fn default() -> Self {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        Self {
            allow: owned(HARMLESS),
            path: ["/usr/local/bin", "/usr/bin", "/bin"]
                .map(PathBuf::from)
                .into(),
            arguments: BTreeMap::new(),
            pass_env: Vec::new(),
            network: false,
            fs_confinement: FsConfinement::BestEffort,
            cpu_seconds: 30,
            max_memory: 1 << 30,
            max_processes: 64,
        }
    }
}

/// A program that may run.
#[derive(Debug)]
pub(super) struct Program {
    /// What it calls itself: the name on the list, whatever it was asked for by.
    pub(super) name: String,
    /// The file, links resolved.
    pub(super) path: PathBuf,
}

impl ProcessRules {
    /// Finds the file of a program that may run.
    ///
    /// - Errors: `Denied` if it may not, before it is looked whether it exists; `NotFound`.
    pub(super) fn find(&self, program: &str, spawn: bool) -> Result<Program> {
        let allowed = |entry: &&String| spawn || HARMLESS.contains(&entry.as_str());
        let entries = || self.allow.iter().filter(allowed);
        if !program.contains('/') {
            let by_name = |entry: &&String| {
                let name = Path::new(entry.as_str()).file_name();
                name.is_some_and(|name| name == program)
            };
            let Some(entry) = entries().find(by_name) else {
                return Err(self.refused(program));
            };
            let path = self.locate(entry).ok_or_else(|| not_found(program))?;
            return self.checked(program.to_owned(), path);
        }
        if !program.starts_with('/') {
            return Err(error!(Denied, "Execution of '{program}' is not permitted")
                .hint("name a program, or give its absolute path"));
        }
        // A path is that of an entry if both are the same file.
        let same = |entry: &&String| {
            let (own, other) = (self.locate(entry), program);
            own.is_some_and(|own| is_same(&own, Path::new(other)))
        };
        let Some(entry) = entries().find(same) else {
            return Err(self.refused(program));
        };
        let name = Path::new(entry).file_name().unwrap_or_default();
        let path = self.locate(entry).ok_or_else(|| not_found(program))?;
        self.checked(name.to_string_lossy().into_owned(), path)
    }

    /// Returns the file of an entry of the list.
    fn locate(&self, entry: &str) -> Option<PathBuf> {
        if entry.starts_with('/') {
            return std::fs::canonicalize(entry).ok();
        }
        let places = self.path.iter().map(|directory| directory.join(entry));
        places
            .filter(|place| is_program(place))
            .find_map(|place| std::fs::canonicalize(place).ok())
    }

    /// Checks a program's file.
    pub(super) fn checked(&self, name: String, path: PathBuf) -> Result<Program> {
        let found = std::fs::metadata(&path).map_err(|_| not_found(&name))?;
        if !is_program(&path) {
            return Err(not_found(&name));
        }
        if found.mode() & 0o002 != 0 {
            return Err(error!(
                Denied,
                "Execution of '{name}' is not permitted: everybody may change it"
            )
            .hint("take the permission to write it from others"));
        }
        Ok(Program { name, path })
    }

    fn refused(&self, program: &str) -> Error {
        let listed = self.allow.iter().any(|entry| entry == program);
        let error = error!(Denied, "Execution of '{program}' is not permitted")
            .with("resource", program)
            .with("setting", "security.process.allow");
        error.hint(match listed {
            true => "set `security.allow_process_spawn = true`".to_owned(),
            false => format!(
                "add '{program}' to `security.process.allow` and set `security.allow_process_spawn = true`"
            ),
        })
    }

    /// Checks the arguments of a program.
    ///
    /// - Errors: `Denied` naming the first that is refused; `InvalidArgs` for a NUL; `Limit` for too many.
    pub(super) fn check_arguments(&self, name: &str, arguments: &[String]) -> Result<()> {
        let usual;
        let rules = match self.arguments.get(name) {
            Some(rules) => rules,
            None => {
                usual = usual_arguments(name);
                &usual
            }
        };
        let bytes: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
        if arguments.len() > rules.max_count || bytes > rules.max_bytes {
            return Err(error!(
                Limit,
                "'{name}' gets {} arguments of {bytes} bytes, at most {} of {} are possible",
                arguments.len(),
                rules.max_count,
                rules.max_bytes
            )
            .hint(format!("see `security.process.arguments.{name}`")));
        }
        for argument in arguments {
            if argument.contains('\0') {
                return Err(error!(InvalidArgs, "an argument of '{name}' holds a NUL"));
            }
            let denied = |pattern: &String| is_denied(pattern, argument);
            let allowed = |pattern: &String| glob::matches(pattern, argument);
            if rules.deny.iter().any(denied)
                || !rules.allow.is_empty() && !rules.allow.iter().any(allowed)
            {
                return Err(error!(
                    Denied,
                    "the argument '{argument}' of '{name}' is not permitted"
                )
                .hint(format!("see `security.process.arguments.{name}`")));
            }
        }
        Ok(())
    }
}

fn is_denied(pattern: &str, argument: &str) -> bool {
    glob::matches(pattern, argument)
        || is_in_group(pattern, argument)
        || is_abbreviated(pattern, argument)
}

/// Returns whether the short option of a pattern `-x*` stands in a group of them: `-ax`.
fn is_in_group(pattern: &str, argument: &str) -> bool {
    let (&[b'-', letter, b'*'], Some(group)) = (pattern.as_bytes(), argument.strip_prefix('-'))
    else {
        return false;
    };
    letter != b'-' && !group.starts_with('-') && group.as_bytes().contains(&letter)
}

/// Returns whether an argument may be read as a short form of the long option of a pattern: `--na=x` of `--name*`.
fn is_abbreviated(pattern: &str, argument: &str) -> bool {
    let (Some(option), Some(given)) = (pattern.strip_prefix("--"), argument.strip_prefix("--"))
    else {
        return false;
    };
    let name = |text: &'_ str| text.split(['=', '*']).next().unwrap_or_default().len();
    let (option, given) = (&option[..name(option)], &given[..name(given)]);
    !given.is_empty() && option.starts_with(given)
}

fn is_program(path: &Path) -> bool {
    let found = std::fs::metadata(path);
    found.is_ok_and(|found| found.is_file() && found.mode() & 0o111 != 0)
}

fn is_same(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.dev(), found.ino()))
    };
    id(one).is_some_and(|found| Some(found) == id(other))
}

fn not_found(program: &str) -> Error {
    error!(NotFound, "the program '{program}' does not exist")
        .hint("it is looked up in the directories of `security.process.path`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_refused_in_every_spelling() {
        for (pattern, argument, fits) in [
            ("-o*", "-o", true),
            ("-o*", "-ofile", true),
            ("-o*", "-ro", true),
            ("-o*", "--reverse-order", false),
            ("-o*", "file-o", false),
            ("-exec", "-exec", true),
            ("-exec", "-executable", false),
            ("-fprint*", "-fprintf", true),
            ("--output*", "--output=x", true),
            ("--output*", "--output", true),
            ("--output*", "--out=x", true),
            ("--output*", "--o", true),
            ("--output", "--outp", true),
            ("--output*", "--", false),
            ("--output*", "--=x", false),
            ("--output*", "--ot=x", false),
            ("--output*", "--reverse", false),
            ("-o*", "--o", false),
        ] {
            assert_eq!(is_denied(pattern, argument), fits, "{pattern} {argument}");
        }
    }

    // Whoever runs these as root must not find the clock of the machine changed: the rules are asked, nothing runs.
    #[test]
    fn harmless_programs_stay_harmless() {
        let refuses = |name: &str, arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
            let checked = ProcessRules::default().check_arguments(name, &arguments);
            checked.is_err_and(|error| error.kind() == llmspell_core::Kind::Denied)
        };
        for (name, arguments) in [
            ("date", &["-s", "2020-01-01"][..]),
            ("date", &["-us", "2020-01-01"]),
            ("date", &["--set=2020-01-01"]),
            ("date", &["--se", "2020-01-01"]),
            ("date", &["--s=2020-01-01"]),
            ("date", &["010100002020"]),
            ("date", &["-u", "01010000"]),
            ("sort", &["-ro", "x", "y"]),
            ("sort", &["--out=x", "y"]),
            ("sort", &["--compress=sh", "y"]),
            ("find", &[".", "-exec", "id", ";"]),
            ("find", &[".", "-fprintf", "x", "y"]),
        ] {
            assert!(refuses(name, arguments), "{name} {arguments:?}");
        }
        for (name, arguments) in [
            ("date", &["-u", "+%Y-%m-%d"][..]),
            ("date", &["--date=2020-01-01", "--utc"]),
            ("sort", &["--reverse", "-n", "x"]),
            ("find", &[".", "-name", "*.rs"]),
        ] {
            assert!(!refuses(name, arguments), "{name} {arguments:?}");
        }
    }

    #[test]
    fn what_is_permitted_is_compared_as_it_stands() {
        let rules = ProcessRules {
            arguments: BTreeMap::from([(
                "git".to_owned(),
                ArgumentRules {
                    allow: vec!["-v*".to_owned(), "--verbose*".to_owned()],
                    ..ArgumentRules::default()
                },
            )]),
            ..ProcessRules::default()
        };
        let permits = |argument: &str| rules.check_arguments("git", &[argument.to_owned()]).is_ok();
        assert!(permits("-v") && permits("-vv") && permits("--verbose"));
        assert!(!permits("-xv") && !permits("--verb") && !permits("--version"));
    }
}
