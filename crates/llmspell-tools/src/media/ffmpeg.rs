//! ffmpeg, where the configuration names it.

use std::path::{Path, PathBuf};

use llmspell_core::host::{Command, Confined, FileEntry, Finished};
use llmspell_core::{Cx, Error, Result, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

/// Characters of what ffmpeg says that go into an error.
const MAX_SAID: usize = 300;

/// Signals by which the system ends a process beyond a limit, as Linux numbers them.
const CPU: i32 = 24;
const FILE_SIZE: i32 = 25;

/// The table `[tools.media]`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Config {
    /// Where ffmpeg is.
    ffmpeg: Option<String>,
}

/// Returns the path of ffmpeg, if the configuration names it.
pub(super) fn program(cx: &Cx) -> Result<Option<String>> {
    let config: Config = cx.settings("media")?;
    Ok(config.ffmpeg.filter(|path| !path.trim().is_empty()))
}

/// Returns the error for work that needs ffmpeg.
pub(super) fn needed(work: &str) -> Error {
    error!(
        Unavailable,
        "{work} needs ffmpeg, and `[tools.media] ffmpeg` does not name it"
    )
    .with("setting", "tools.media.ffmpeg")
    .hint("set `[tools.media] ffmpeg = \"/usr/bin/ffmpeg\"`")
}

/// What ffmpeg reads.
pub(super) struct Input {
    /// The path of the file.
    pub(super) path: String,
    /// The reader that is to be used. It is never guessed, so no file can be a playlist that names others.
    pub(super) demuxer: &'static str,
    /// Seconds that are left out at the beginning, and those after which it ends.
    pub(super) from: Option<f64>,
    pub(super) to: Option<f64>,
}

/// What ffmpeg writes.
pub(super) struct Output {
    /// The path of the file.
    pub(super) path: String,
    pub(super) overwrite: bool,
    /// The writer that is used.
    pub(super) muxer: &'static str,
    /// What is done on the way.
    pub(super) args: Vec<String>,
}

/// What ffmpeg did.
pub(super) struct Done {
    pub(super) entry: FileEntry,
    pub(super) confined: Confined,
}

/// Converts a file. The target changes at the end alone.
///
/// - Errors: `Execution` with what ffmpeg said; `Limit` where the policy for processes ended it.
pub(super) async fn run(cx: &Cx, program: &str, input: Input, output: Output) -> Result<Done> {
    let Input {
        path,
        demuxer,
        from,
        to,
    } = input;
    let mut name = [0; 8];
    cx.host().random.fill(&mut name);
    let name = format!("media-{:016x}", u64::from_be_bytes(name));
    let prepared = cx.files(move |files, _| {
        let source = files.open(Path::new(&path))?.entry().path.clone();
        Ok((source, files.temp_dir()?.join(name)))
    });
    let (source, draft) = prepared.await?;
    let mut args: Vec<String> = ["-nostdin", "-hide_banner", "-v", "error", "-threads", "2"]
        .map(str::to_owned)
        .to_vec();
    let mut push = |values: &[&str]| args.extend(values.iter().map(|value| (*value).to_owned()));
    push(&["-protocol_whitelist", "file", "-f", demuxer]);
    if let Some(from) = from {
        push(&["-ss", &from.to_string()]);
    }
    if let Some(to) = to {
        push(&["-to", &to.to_string()]);
    }
    push(&["-i", &as_url(&source)?]);
    args.extend(output.args);
    args.extend(["-f", output.muxer, "-y"].map(str::to_owned));
    args.push(as_url(&draft)?);
    let command = Command {
        configured: true,
        ..Command::new(program, args)
    };
    let finished = cx.host().processes.run(command).await?;
    let (target, overwrite) = (PathBuf::from(output.path), output.overwrite);
    let worked = check(&finished);
    let moved = cx.files(move |files, _| {
        if let Err(error) = worked {
            // It may not have come so far.
            files.remove(&draft).ok();
            return Err(error);
        }
        files.rename(&draft, &target, overwrite)?;
        files
            .entry(&target)?
            .ok_or_else(|| error!(Execution, "ffmpeg wrote nothing"))
    });
    Ok(Done {
        entry: moved.await?,
        confined: finished.confined,
    })
}

/// Returns a path in the form that is never taken for an option or another protocol.
fn as_url(path: &Path) -> Result<String> {
    match path.to_str() {
        Some(path) => Ok(format!("file:{path}")),
        None => bail!(InvalidArgs, "'{}' is not UTF-8", path.display()),
    }
}

fn check(finished: &Finished) -> Result<()> {
    if finished.exit.is_success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&finished.output.stderr);
    let said = said.trim();
    match finished.exit.signal {
        Some(CPU) => {
            return Err(error!(Limit, "ffmpeg used all its processor time")
                .hint("raise `security.process.cpu_seconds`"));
        }
        Some(FILE_SIZE) => {
            return Err(error!(Limit, "the result is larger than files may be")
                .hint("raise `security.files.max_file_bytes`"));
        }
        Some(signal) => bail!(Execution, "ffmpeg was ended by signal {signal}"),
        None => {}
    }
    if said.contains("File too large") {
        return Err(error!(Limit, "the result is larger than files may be")
            .hint("raise `security.files.max_file_bytes`"));
    }
    let start = said.char_indices().rev().nth(MAX_SAID);
    let said = start.map_or(said, |(start, _)| &said[start..]);
    Err(error!(Execution, "ffmpeg failed: {said}").with("exit_code", finished.exit.code))
}

/// Returns the version that a program says it is.
pub(super) async fn version(cx: &Cx, program: &str) -> Result<Option<String>> {
    let command = Command {
        configured: true,
        ..Command::new(program, ["-version"])
    };
    let finished = cx.host().processes.run(command).await?;
    let said = String::from_utf8_lossy(&finished.output.stdout).into_owned();
    let mut words = said
        .split_whitespace()
        .skip_while(|word| *word != "version");
    Ok(words.nth(1).map(str::to_owned))
}
