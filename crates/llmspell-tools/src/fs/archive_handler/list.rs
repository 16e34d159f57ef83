//! Listing and testing.

use std::io::{self, Read};
use std::path::PathBuf;

use llmspell_core::{Error, Kind, Outcome, Result, Value};
use serde::Serialize;

use super::Work;
use super::member::{Member, Selection, Type};
use super::meter::Meter;
use super::visit::Visitor;

#[derive(Serialize)]
struct Listed {
    name: String,
    size: Option<u64>,
    compressed_size: Option<u64>,
    is_dir: bool,
    r#type: &'static str,
    modified: Option<String>,
    mode: Option<String>,
    crc32: Option<String>,
}

#[derive(Serialize)]
struct Data {
    format: &'static str,
    files: Vec<Listed>,
    file_count: usize,
    total_size: u64,
}

struct Listing<'a> {
    selection: Selection,
    files: Vec<Listed>,
    meter: &'a Meter<'a>,
    path: PathBuf,
}

impl Visitor for Listing<'_> {
    fn wants(&mut self, member: &Member) -> Result<bool> {
        if !self.selection.wants(&member.name) {
            return Ok(false);
        }
        self.files.push(Listed {
            name: member.name.clone(),
            size: member.size,
            compressed_size: member.compressed,
            is_dir: member.kind == Type::Directory,
            r#type: member.kind.name(),
            modified: member.modified_shown(),
            mode: member.mode.map(|mode| format!("{mode:04o}")),
            crc32: member.crc32.map(|sum| format!("{sum:08x}")),
        });
        Ok(member.size.is_none())
    }

    fn take(&mut self, _: &Member, content: Result<&mut dyn Read>) -> Result<()> {
        let size = io::copy(content?, &mut io::sink());
        let size = size.map_err(|cause| self.meter.failure(&self.path, cause))?;
        if let Some(file) = self.files.last_mut() {
            file.size = Some(size);
        }
        Ok(())
    }
}

pub(super) fn list(work: &Work<'_>) -> Result<Outcome> {
    let archive = work.archive()?;
    let (format, meter) = (archive.format.name, work.meter(archive.size));
    let mut listing = Listing {
        selection: work.selection()?,
        files: Vec::new(),
        meter: &meter,
        path: archive.path.clone(),
    };
    archive.each(&meter, &mut listing)?;
    listing.selection.check()?;
    let files = listing.files;
    let data = Data {
        format,
        file_count: files.iter().filter(|file| !file.is_dir).count(),
        total_size: files
            .iter()
            .filter_map(|file| file.size)
            .fold(0, u64::saturating_add),
        files,
    };
    let message = format!("The archive holds {} files", data.file_count);
    Ok(Outcome::new("list", Value::from_serialize(&data)?)
        .output(Value::from_serialize(&data.files)?)
        .message(message))
}

#[derive(Serialize)]
struct Tested {
    valid: bool,
    errors: Vec<String>,
    file_count: usize,
    format: &'static str,
}

struct Testing<'a> {
    selection: Selection,
    errors: Vec<String>,
    count: usize,
    meter: &'a Meter<'a>,
    path: PathBuf,
}

impl Testing<'_> {
    /// Notes what is wrong with the archive; what is not about the archive ends the test.
    fn note(&mut self, name: &str, error: Error) -> Result<()> {
        match error.kind() {
            Kind::Parse => {
                self.errors.push(format!("{name}: {}", error.message()));
                Ok(())
            }
            _ => Err(error),
        }
    }
}

impl Visitor for Testing<'_> {
    fn wants(&mut self, member: &Member) -> Result<bool> {
        let wanted = self.selection.wants(&member.name);
        self.count += usize::from(wanted && member.kind != Type::Directory);
        Ok(wanted && member.kind == Type::File)
    }

    fn take(&mut self, member: &Member, content: Result<&mut dyn Read>) -> Result<()> {
        let read = content.and_then(|content| {
            let read = io::copy(content, &mut io::sink());
            read.map_err(|cause| self.meter.failure(&self.path, cause))
        });
        match read {
            Ok(_) => Ok(()),
            Err(error) => self.note(&member.name, error),
        }
    }
}

pub(super) fn test(work: &Work<'_>) -> Result<Outcome> {
    let archive = work.archive()?;
    let (format, meter) = (archive.format.name, work.meter(archive.size));
    let mut testing = Testing {
        selection: work.selection()?,
        errors: Vec::new(),
        count: 0,
        meter: &meter,
        path: archive.path.clone(),
    };
    let name = archive.path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    if let Err(error) = archive.each(&meter, &mut testing) {
        testing.note(&name, error)?;
    }
    if testing.errors.is_empty() {
        testing.selection.check()?;
    }
    let valid = testing.errors.is_empty();
    let message = match valid {
        true => "The archive is in order",
        false => "The archive is damaged",
    };
    let data = Value::from_serialize(&Tested {
        valid,
        errors: testing.errors,
        file_count: testing.count,
        format,
    })?;
    Ok(Outcome::new("test", data).output(valid).message(message))
}
