//! Tools for pictures, sound and video.

mod audio_processor;
mod bytes;
#[cfg(test)]
mod counterpart;
mod ffmpeg;
mod found;
mod image_processor;
#[cfg(test)]
mod noise;
mod target;
mod video_processor;

use std::io::Read as _;
use std::path::Path;

use llmspell_core::host::failure;
use llmspell_core::{Error, Files, Module, Result, SchemaFn};

use crate::job::Job;
use crate::param::refused;

pub(crate) fn module() -> Module {
    Module::hidden("media", "Pictures, sound and video.")
        .op(audio_processor::op())
        .op(image_processor::op())
        .op(video_processor::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    [audio_processor::JOBS, image_processor::JOBS].concat()
}

/// Returns the tables of `[tools]` that the tools share, with the schema of each.
pub(crate) fn shared_settings() -> Vec<(&'static str, SchemaFn)> {
    vec![("media", llmspell_core::settings_schema::<ffmpeg::Config>)]
}

/// Returns how a file begins.
fn start(files: &dyn Files, path: &str, most: usize) -> Result<Vec<u8>> {
    let path = Path::new(path);
    let mut start = Vec::new();
    files
        .open(path)?
        .take(most as u64)
        .read_to_end(&mut start)
        .map_err(|cause| failure(path, cause))?;
    Ok(start)
}

/// Checks two moments, of which the second may be the end.
///
/// - Errors: `InvalidArgs` if the second is not after the first.
fn span(from: Option<f64>, to: Option<f64>) -> Result<(f64, Option<f64>)> {
    let moment = |parameter: &'static str, given: f64| match given.is_finite() && given >= 0.0 {
        true => Ok(given),
        false => {
            let message = format!("parameter '{parameter}' must not be negative, got {given}");
            Err(refused(parameter, message).with("got", given))
        }
    };
    let from = moment("start_seconds", from.unwrap_or(0.0))?;
    let to = to.map(|to| moment("end_seconds", to)).transpose()?;
    if let Some(to) = to.filter(|to| *to <= from) {
        let message =
            format!("parameter 'end_seconds' must be after 'start_seconds' ({from}), got {to}");
        return Err(refused("end_seconds", message).with("got", to));
    }
    Ok((from, to))
}

/// Returns the error for a moment behind the end of what lasts `seconds`: the sound, the video.
fn beyond(parameter: &'static str, moment: f64, what: &str, seconds: f64) -> Error {
    let message = format!("parameter '{parameter}' is {moment}, the {what} lasts {seconds} s");
    refused(parameter, message).with("got", moment)
}
