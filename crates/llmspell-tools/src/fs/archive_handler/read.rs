//! Reading members without unpacking them.

use std::io::Read;
use std::path::PathBuf;

use data_encoding::BASE64;
use llmspell_core::{Outcome, Result, Value};
use serde::Serialize;

use super::Work;
use super::member::{Member, Selection, Type};
use super::meter::Meter;
use super::visit::Visitor;

#[derive(Serialize)]
struct File {
    name: String,
    content: String,
    encoding: &'static str,
    size: usize,
}

#[derive(Serialize)]
struct Data {
    files: Vec<File>,
}

struct Reading<'a> {
    selection: Selection,
    files: Vec<File>,
    meter: &'a Meter<'a>,
    path: PathBuf,
}

impl Visitor for Reading<'_> {
    fn wants(&mut self, member: &Member) -> Result<bool> {
        Ok(self.selection.wants(&member.name) && member.kind == Type::File)
    }

    fn take(&mut self, member: &Member, content: Result<&mut dyn Read>) -> Result<()> {
        let mut bytes = Vec::new();
        let read = content?.read_to_end(&mut bytes);
        read.map_err(|cause| self.meter.failure(&self.path, cause))?;
        let size = bytes.len();
        let (content, encoding) = match String::from_utf8(bytes) {
            Ok(text) => (text, "utf-8"),
            Err(binary) => (BASE64.encode(binary.as_bytes()), "base64"),
        };
        self.files.push(File {
            name: member.name.clone(),
            content,
            encoding,
            size,
        });
        Ok(())
    }
}

pub(super) fn read(work: &Work<'_>) -> Result<Outcome> {
    if work.a.members.is_none() {
        return Err(work.missing("members"));
    }
    let archive = work.archive()?;
    let meter = work.meter(archive.size);
    let mut reading = Reading {
        selection: work.selection()?,
        files: Vec::new(),
        meter: &meter,
        path: archive.path.clone(),
    };
    archive.each(&meter, &mut reading)?;
    reading.selection.check()?;
    let data = Data {
        files: reading.files,
    };
    let message = format!("Read {} files of the archive", data.files.len());
    let first = data.files.first().map(|file| file.content.clone());
    Ok(Outcome::new("read", Value::from_serialize(&data)?)
        .output(first)
        .message(message))
}
