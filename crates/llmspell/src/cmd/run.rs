//! `llmspell run`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Args;
use llmspell::config::Language;
use llmspell_core::{Error, Kind, error};
use llmspell_script::Script;

use super::given;
use super::running::{self, By, Flags};
use crate::desk::Desk;
use crate::exit::{Ends, Failure};

/// Run a spell.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  llmspell run spell.lua one two                  arguments are in `Args`
  llmspell run spell.js --stream --budget 0.50
  echo 'return 1 + 1' | llmspell run -")]
pub(crate) struct Run {
    #[command(flatten)]
    flags: Flags,
    /// Run again whenever the spell or a module beside it changes
    #[arg(long, conflicts_with = "check")]
    watch: bool,
    /// Compile only
    #[arg(long)]
    check: bool,
    /// File, or - for standard input
    #[arg(value_name = "SCRIPT")]
    script: PathBuf,
    /// Arguments of the spell
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<String>,
}

pub(crate) fn run(args: Run, desk: Desk) -> Ends {
    let language = language_of(&args.script, &desk);
    if language.is_none() && is_workflow(&args.script) {
        return Err(of_workflow(&args.script));
    }
    if !args.watch {
        let script = read(&args.script, &args.args)?;
        return match args.check {
            true => running::check(&script, language, desk),
            false => running::run(script, By::Language(language), &args.flags, desk),
        };
    }
    if args.script == Path::new("-") {
        let error = error!(
            InvalidArgs,
            "--watch takes a file; standard input does not change"
        );
        return Err(Failure::with_code(error, 2));
    }
    loop {
        let before = fingerprint(&args.script);
        let ends = read(&args.script, &args.args).and_then(|script| {
            let by = By::Language(language);
            running::run(script, by, &args.flags, desk.clone())
        });
        let code = crate::conclude(&desk, ends);
        if [crate::exit::INTERRUPTED, crate::exit::TERMINATED].contains(&code) {
            return Ok(code);
        }
        desk.screen.note(&format!(
            "waiting for changes of {} (Ctrl-C ends)",
            args.script.display()
        ));
        if let Some(code) = wait_for_change(&args.script, &before)? {
            return Ok(code);
        }
    }
}

/// Waits until the files differ from `before`, or a signal gives the exit code.
fn wait_for_change(script: &Path, before: &Fingerprint) -> Result<Option<u8>, Failure> {
    let waiting = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let waiting =
        waiting.map_err(|failure| error!(Io, "changes cannot be waited for: {failure}"))?;
    Ok(crate::wait(&waiting, async {
        let changed = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(200));
            while fingerprint(script) == *before {
                ticks.tick().await;
            }
        };
        tokio::select! {
            code = running::next_signal() => Some(code),
            () = changed => None,
        }
    }))
}

/// Returns the language that the flag or the file's extension names.
fn language_of(path: &Path, desk: &Desk) -> Option<Language> {
    let by_flag = desk.flags.engine.as_deref().and_then(Language::from_name);
    let extension = path.extension().and_then(|extension| extension.to_str());
    by_flag.or_else(|| extension.and_then(Language::from_extension))
}

/// Returns whether a file has the extension of workflow files.
fn is_workflow(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    path.is_file() && matches!(extension, Some("toml" | "json"))
}

fn of_workflow(path: &Path) -> Failure {
    let name = path.display();
    let error = error!(InvalidArgs, "{name} is no script")
        .hint(format!(
            "`llmspell workflow run {name}` runs a workflow file"
        ))
        .hint("--engine says that it is a script all the same");
    Failure::with_code(error, 65)
}

/// Reads a script from a file or from standard input.
pub(crate) fn read(path: &Path, args: &[String]) -> Result<Script, Failure> {
    let name = path.display().to_string();
    let (bytes, dir) = if name == "-" {
        (given::standard_input()?, std::env::current_dir().ok())
    } else {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let dir = parent.unwrap_or(Path::new(".")).to_owned();
        (given::file(path)?, Some(dir))
    };
    let source = String::from_utf8(bytes).map_err(|failure| {
        let line = failure.as_bytes()[..failure.utf8_error().valid_up_to()]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count()
            + 1;
        Failure::with_code(
            Error::new(
                Kind::Parse,
                format!("{name}:{line}: the script is not UTF-8 text"),
            )
            .with("phase", "compile"),
            65,
        )
    })?;
    Ok(Script {
        source,
        args: args.to_vec(),
        dir,
        ..Script::new(name, "")
    })
}

/// The script and the scripts beside it, and when they were changed.
type Fingerprint = BTreeMap<PathBuf, Option<SystemTime>>;

fn fingerprint(script: &Path) -> Fingerprint {
    /// Deepest folder that is watched, and most files.
    const DEPTH: usize = 3;
    const FILES: usize = 5_000;
    let changed = |path: &Path| {
        std::fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    let mut found = BTreeMap::from([(script.to_owned(), changed(script))]);
    let parent = script
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut open = vec![(parent.unwrap_or(Path::new(".")).to_owned(), 0)];
    while let Some((dir, depth)) = open.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if kind.as_ref().is_ok_and(|kind| kind.is_dir()) && depth < DEPTH && !hidden {
                open.push((path, depth + 1));
            } else if path.extension() == script.extension() && found.len() < FILES {
                let at = changed(&path);
                found.insert(path, at);
            }
        }
    }
    found
}
