//! Making an archive.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use llmspell_core::host::{Access, FileEntry, FileKind, WriteFile, WriteMode};
use llmspell_core::{Error, Kind, Outcome, Result, Value, error};
use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::format::{FORMATS, Format, Layout};
use super::meter::Meter;
use super::{Overwrite, Work};
use crate::fs::entry::shown;
use crate::param::{names, refused, within};

#[derive(Serialize)]
struct Data {
    archive_path: String,
    format: &'static str,
    archived_files: Vec<String>,
    files: Vec<String>,
    file_count: usize,
    total_size: u64,
    archive_size: u64,
    compression_level: i64,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Skipped {
    path: String,
    reason: &'static str,
}

pub(super) fn create(work: &Work<'_>) -> Result<Outcome> {
    let path = work.a.path.as_ref().or(work.a.target_path.as_ref());
    let path = work.given("path", path)?;
    let format = work.format()?.or_else(|| Format::of_name(path));
    let format = format.ok_or_else(|| {
        let known = names(FORMATS).join(", ");
        let message = format!("the name '{}' tells no format", path.display());
        refused("format", message).hint(format!("give `format`, one of: {known}"))
    })?;
    let level = level(work, format)?;
    let mode = match work.overwrite()? {
        Overwrite::Yes => WriteMode::Replace,
        Overwrite::No | Overwrite::Skip => WriteMode::New,
    };
    // Nothing is packed into itself.
    let own = work.files.resolve(path, Access::Write)?;
    let packing = Packing::new(work, &own)?;
    if format.layout == Layout::Single && (packing.sources.len() != 1 || packing.has_directory()) {
        let message = format!("the format {} holds one file", format.name);
        return Err(refused("input", message).hint(format!("use tar.{}", format.name)));
    }
    let meter = work.meter(u64::MAX);
    let mut draft = work.files.create(path, mode)?;
    let packed = packing.write(work, &meter, &mut *draft, format, level);
    packed.map_err(|cause| match cause {
        Failure::Own(error) => error,
        Failure::Io(cause) => meter.failure(&own, cause),
    })?;
    let entry = draft.commit()?;
    let files: Vec<String> = packing
        .sources
        .iter()
        .filter(|source| !source.entry.is_dir())
        .map(|source| source.name.clone())
        .collect();
    let archive_path = shown(&entry.path);
    let message = format!("Packed {} files into {archive_path}", files.len());
    let data = Data {
        format: format.name,
        file_count: files.len(),
        archived_files: files.clone(),
        files,
        total_size: meter.total(),
        archive_size: entry.size,
        compression_level: level,
        skipped: packing.skipped,
        archive_path,
    };
    Ok(Outcome::new("create", Value::from_serialize(&data)?)
        .output(data.archive_path)
        .message(message))
}

fn level(work: &Work<'_>, format: Format) -> Result<i64> {
    let level = work.a.compression_level;
    let level = level.unwrap_or(work.config.compression_level);
    let range = match format.codec.end() {
        "zst" => 1..=19,
        _ => 0..=9,
    };
    within("compression_level", level, range)?;
    Ok(level)
}

/// A file or directory that is packed.
struct Source {
    entry: FileEntry,
    name: String,
}

/// What is packed.
struct Packing {
    sources: Vec<Source>,
    skipped: Vec<Skipped>,
}

/// An input of the call.
struct Input {
    entry: FileEntry,
    name: Option<String>,
}

impl Packing {
    fn new(work: &Work<'_>, own: &Path) -> Result<Self> {
        let inputs = inputs(work)?;
        let base = base(work, &inputs)?;
        let mut packing = Self {
            sources: Vec::new(),
            skipped: Vec::new(),
        };
        let meter = work.meter(u64::MAX);
        for input in inputs {
            let name = match input.name {
                Some(name) => name,
                None => relative(&input.entry.path, &base)?,
            };
            let start = input.entry.path.clone();
            let is_dir = input.entry.is_dir();
            packing.add(&meter, input.entry, name.clone(), own)?;
            if !is_dir {
                continue;
            }
            let visit = |entry: FileEntry| {
                let below = relative(&entry.path, &start)?;
                let name = match name.is_empty() {
                    true => below,
                    false => format!("{name}/{below}"),
                };
                packing.add(&meter, entry, name, own)
            };
            work.files.walk(work.cx, &start, |_, _| true, visit)?;
        }
        packing.check_names()?;
        Ok(packing)
    }

    fn add(&mut self, meter: &Meter<'_>, entry: FileEntry, name: String, own: &Path) -> Result<()> {
        let reason = match entry.kind {
            _ if entry.path == own => "the archive itself",
            FileKind::Symlink => "a symlink",
            FileKind::Other => "a special file",
            _ if name.is_empty() => return Ok(()),
            _ => {
                meter.member()?;
                self.sources.push(Source { entry, name });
                return Ok(());
            }
        };
        self.skipped.push(Skipped {
            path: shown(&entry.path),
            reason,
        });
        Ok(())
    }

    fn check_names(&self) -> Result<()> {
        let mut names = BTreeSet::new();
        for source in &self.sources {
            if !names.insert(&source.name) && !source.entry.is_dir() {
                let message = format!("two files would be named '{}' in the archive", source.name);
                return Err(
                    refused("input", message).hint("give one of them another `archive_path`")
                );
            }
        }
        Ok(())
    }

    fn has_directory(&self) -> bool {
        self.sources.iter().any(|source| source.entry.is_dir())
    }

    fn write(
        &self,
        work: &Work<'_>,
        meter: &Meter<'_>,
        draft: &mut dyn WriteFile,
        format: Format,
        level: i64,
    ) -> Result<(), Failure> {
        if format.layout == Layout::Zip {
            return self.zip(work, meter, draft, level);
        }
        let level = u32::try_from(level).unwrap_or_default();
        let mut encoder = format.codec.encoder(BufWriter::new(draft), level)?;
        match format.layout {
            Layout::Tar => self.tar(work, meter, &mut encoder)?,
            _ => self.single(work, meter, &mut encoder)?,
        }
        encoder.finish()?.flush()?;
        Ok(())
    }

    fn zip(
        &self,
        work: &Work<'_>,
        meter: &Meter<'_>,
        draft: &mut dyn WriteFile,
        level: i64,
    ) -> Result<(), Failure> {
        let mut writer = ZipWriter::new(BufWriter::new(draft));
        let plain = SimpleFileOptions::default();
        let packed = match level {
            0 => plain.compression_method(CompressionMethod::Stored),
            level => plain
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(level)),
        };
        for Source { entry, name } in &self.sources {
            let mut options = packed
                .unix_permissions(entry.mode & 0o777)
                .large_file(entry.size > u64::from(u32::MAX / 2));
            if let Some(modified) = dos_time(entry.modified) {
                options = options.last_modified_time(modified);
            }
            if entry.is_dir() {
                writer.add_directory(name.as_str(), options)?;
                continue;
            }
            let mut content = meter.content(work.files.open(&entry.path)?);
            writer.start_file(name.as_str(), options)?;
            io::copy(&mut content, &mut writer)?;
        }
        writer.finish()?.flush()?;
        Ok(())
    }

    fn tar(&self, work: &Work<'_>, meter: &Meter<'_>, sink: &mut dyn Write) -> Result<(), Failure> {
        let mut builder = tar::Builder::new(sink);
        for Source { entry, name } in &self.sources {
            let mut header = tar::Header::new_gnu();
            let seconds = entry.modified.div_euclid(1_000_000);
            header.set_mtime(u64::try_from(seconds).unwrap_or(0));
            header.set_mode(entry.mode & 0o777);
            if entry.is_dir() {
                header.set_entry_type(tar::EntryType::Directory);
                header.set_size(0);
                builder.append_data(&mut header, format!("{name}/"), io::empty())?;
                continue;
            }
            let file = work.files.open(&entry.path)?;
            let size = file.entry().size;
            header.set_entry_type(tar::EntryType::Regular);
            header.set_size(size);
            let content = Exactly {
                inner: meter.content(file),
                left: size,
            };
            builder.append_data(&mut header, name, content)?;
        }
        builder.finish()?;
        Ok(())
    }

    fn single(
        &self,
        work: &Work<'_>,
        meter: &Meter<'_>,
        sink: &mut dyn Write,
    ) -> Result<(), Failure> {
        for source in &self.sources {
            let file = work.files.open(&source.entry.path)?;
            io::copy(&mut meter.content(file), sink)?;
        }
        Ok(())
    }
}

/// What ends the packing.
enum Failure {
    Own(Error),
    Io(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

impl From<zip::result::ZipError> for Failure {
    fn from(cause: zip::result::ZipError) -> Self {
        match cause {
            zip::result::ZipError::Io(cause) => Self::Io(cause),
            other => Self::Own(error!(Execution, "the archive cannot be made: {other}")),
        }
    }
}

/// As many bytes of a file as its header says; a file that shrinks meanwhile is an error.
struct Exactly<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if most == 0 {
            return Ok(0);
        }
        let read = self.inner.read(&mut buffer[..most])?;
        if read == 0 {
            let error = error!(Conflict, "a file became shorter while it was packed");
            return Err(error.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

fn dos_time(micros: i64) -> Option<zip::DateTime> {
    let moment = Timestamp::from_microsecond(micros).ok()?;
    let moment = moment.to_zoned(TimeZone::UTC);
    let [month, day, hour, minute, second] = [
        moment.month(),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    ]
    .map(|part| u8::try_from(part).unwrap_or(0));
    let year = u16::try_from(moment.year()).ok()?;
    zip::DateTime::from_date_and_time(year, month, day, hour, minute, second).ok()
}

/// Reads the parameter `input`.
fn inputs(work: &Work<'_>) -> Result<Vec<Input>> {
    let given = work.a.input.as_ref();
    let items = match given.ok_or_else(|| work.missing("input"))? {
        Value::List(items) => items.as_slice(),
        Value::Map(map) if map.is_empty() => &[],
        one => std::slice::from_ref(one),
    };
    if items.is_empty() {
        return Err(refused("input", "parameter 'input' names nothing"));
    }
    items.iter().map(|item| input(work, item)).collect()
}

fn input(work: &Work<'_>, item: &Value) -> Result<Input> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let (path, name) = match item.as_str() {
        Some(path) => (Some(path), None),
        None => (text("path"), text("archive_path")),
    };
    let path = path.filter(|path| !path.is_empty()).ok_or_else(|| {
        let got = item.type_name();
        let message =
            format!("parameter 'input' must list paths or objects with 'path', got {got}");
        refused("input", message).misshapen()
    })?;
    let name = match name.map(super::member::below) {
        None => None,
        Some(Ok(name)) => Some(shown(&name)),
        Some(Err(reason)) => {
            return Err(refused(
                "input",
                format!("archive_path of '{path}': {reason}"),
            ));
        }
    };
    let resolved = work.files.resolve(Path::new(path), Access::Read)?;
    let entry = work.files.entry(&resolved)?;
    let entry = entry.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("'{}' does not exist", resolved.display()),
        )
    })?;
    Ok(Input { entry, name })
}

/// Returns the directory that names start at.
fn base(work: &Work<'_>, inputs: &[Input]) -> Result<PathBuf> {
    if let Some(base) = &work.a.base_dir {
        return work.files.resolve(Path::new(base), Access::Read);
    }
    let parents = inputs
        .iter()
        .filter(|input| input.name.is_none())
        .map(|input| input.entry.path.parent().unwrap_or(Path::new("/")));
    let common = |left: PathBuf, right: &Path| {
        let both = left.components().zip(right.components());
        let same = both.take_while(|(left, right)| left == right);
        same.map(|(left, _)| left).collect()
    };
    let mut parents = parents;
    let first = parents.next().map_or_else(PathBuf::new, Path::to_owned);
    Ok(parents.fold(first, common))
}

/// Returns a path below `base` as a name in an archive.
fn relative(path: &Path, base: &Path) -> Result<String> {
    match path.strip_prefix(base) {
        Ok(below) => Ok(shown(below)),
        Err(_) => Err(refused(
            "base_dir",
            format!("'{}' does not lie in '{}'", path.display(), base.display()),
        )),
    }
}
