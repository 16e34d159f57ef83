//! Tables that are written.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use csv::ByteRecord;
use llmspell_core::host::{WriteFile, WriteMode, failure};
use llmspell_core::value::to_json;
use llmspell_core::{Error, Files, Kind, Map, Result, Value, error};

use super::cell::{Cell, DataType, Kinds};
use super::sheet;
use crate::escape::markup;

/// What a table is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A list of objects.
    Json,
    /// An object on each line.
    Jsonl,
    /// Separated values.
    Csv,
    /// Values separated by tabs.
    Tsv,
    Markdown,
    Html,
    Xlsx,
    Parquet,
}

/// The formats by name.
pub(super) const FORMATS: &[&[&str]] = &[
    &["json", "rows"],
    &["jsonl", "ndjson"],
    &["csv"],
    &["tsv"],
    &["markdown", "md"],
    &["html"],
    &["xlsx", "excel"],
    &["parquet"],
];

impl Format {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "json" => Self::Json,
            "jsonl" => Self::Jsonl,
            "tsv" => Self::Tsv,
            "markdown" => Self::Markdown,
            "html" => Self::Html,
            "xlsx" => Self::Xlsx,
            "parquet" => Self::Parquet,
            _ => Self::Csv,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    /// Returns the format that the extension of a path names.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
        let entry = FORMATS.iter().find(|names| names.contains(&&*extension));
        match extension.as_str() {
            "htm" => Some(Self::Html),
            _ => entry.map(|names| Self::named(names[0])),
        }
    }
}

/// Where a table is written to.
enum Target {
    Memory(Vec<u8>),
    File(BufWriter<Box<dyn WriteFile>>),
}

/// A target that takes only so much.
struct Sink {
    target: Target,
    left: u64,
    most: u64,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let size = bytes.len() as u64;
        if size > self.left {
            return Err(too_large(self.most).into());
        }
        self.left -= size;
        match &mut self.target {
            Target::Memory(memory) => memory.write(bytes),
            Target::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Memory(_) => Ok(()),
            Target::File(file) => file.flush(),
        }
    }
}

fn too_large(most: u64) -> Error {
    error!(Limit, "the result has more than {most} bytes")
        .with("limit", most)
        .hint("write it with `target_path`, or ask for less")
}

/// A table on its way out.
pub(super) struct Writing {
    form: Form,
    header: Vec<String>,
    format: Format,
    path: Option<String>,
    rows: u64,
}

enum Form {
    Delimited(Box<csv::Writer<Sink>>),
    Lines(Sink),
    /// Types are known at the end only.
    Kept(Vec<ByteRecord>, Sink),
}

/// What became of a table.
pub(super) struct Written {
    pub(super) data: Value,
    pub(super) rows: u64,
    /// The file, if there is one.
    pub(super) path: Option<String>,
}

impl Writing {
    /// Begins to write a table, to a file if a path is given.
    pub(super) fn new(
        format: Format,
        header: Vec<String>,
        delimiter: u8,
        target: Option<(&str, &dyn Files)>,
        most: u64,
    ) -> Result<Self> {
        let path = target.map(|(path, _)| path.to_owned());
        let target = match target {
            Some((path, files)) => Target::File(BufWriter::with_capacity(
                256 * 1024,
                files.create(Path::new(path), WriteMode::Replace)?,
            )),
            None => Target::Memory(Vec::new()),
        };
        let sink = Sink {
            target,
            left: most,
            most,
        };
        let form = match format {
            Format::Csv | Format::Tsv => {
                let delimiter = if format == Format::Tsv {
                    b'\t'
                } else {
                    delimiter
                };
                Form::Delimited(Box::new(
                    csv::WriterBuilder::new()
                        .delimiter(delimiter)
                        .from_writer(sink),
                ))
            }
            Format::Markdown | Format::Html => Form::Lines(sink),
            _ => Form::Kept(Vec::new(), sink),
        };
        let mut writing = Self {
            form,
            header,
            format,
            path,
            rows: 0,
        };
        writing.begin()?;
        Ok(writing)
    }

    fn begin(&mut self) -> Result<()> {
        let header = &self.header;
        let done = match &mut self.form {
            Form::Delimited(_) if header.is_empty() => Ok(()),
            Form::Delimited(writer) => writer.write_record(header).map_err(cause),
            Form::Lines(sink) if self.format == Format::Html => {
                let cells: String = header
                    .iter()
                    .map(|name| format!("<th>{}</th>", html(name)))
                    .collect();
                sink.write_all(
                    format!("<table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n").as_bytes(),
                )
            }
            Form::Lines(sink) => {
                let cells: String = header
                    .iter()
                    .map(|name| format!(" {} |", markdown(name)))
                    .collect();
                sink.write_all(format!("|{cells}\n|{}\n", " --- |".repeat(header.len())).as_bytes())
            }
            Form::Kept(..) => Ok(()),
        };
        done.map_err(|cause| self.fault(cause))
    }

    fn fault(&self, cause: io::Error) -> Error {
        failure(Path::new(self.path.as_deref().unwrap_or("result")), cause)
    }

    /// Writes a row.
    pub(super) fn push(&mut self, row: &ByteRecord) -> Result<()> {
        self.rows += 1;
        let done = match &mut self.form {
            Form::Delimited(writer) => writer.write_byte_record(row).map_err(cause),
            Form::Lines(sink) => {
                let texts = row.iter().map(String::from_utf8_lossy);
                let line = match self.format {
                    Format::Html => {
                        let cells: String = texts
                            .map(|text| format!("<td>{}</td>", html(&text)))
                            .collect();
                        format!("<tr>{cells}</tr>\n")
                    }
                    _ => {
                        let cells: String = texts
                            .map(|text| format!(" {} |", markdown(&text)))
                            .collect();
                        format!("|{cells}\n")
                    }
                };
                sink.write_all(line.as_bytes())
            }
            Form::Kept(rows, sink) => {
                let size = row.as_slice().len() as u64;
                if size > sink.left {
                    return Err(too_large(sink.most));
                }
                sink.left -= size;
                rows.push(row.clone());
                Ok(())
            }
        };
        done.map_err(|cause| self.fault(cause))
    }

    /// Ends the table.
    pub(super) fn finish(self) -> Result<Written> {
        let Self {
            form,
            header,
            format,
            path,
            rows,
        } = self;
        let fault = |cause| failure(Path::new(path.as_deref().unwrap_or("result")), cause);
        let sink = match form {
            Form::Delimited(mut writer) => {
                writer.flush().map_err(fault)?;
                writer
                    .into_inner()
                    .map_err(|failed| fault(io::Error::other(failed.to_string())))?
            }
            Form::Lines(mut sink) => {
                if format == Format::Html {
                    sink.write_all(b"</tbody>\n</table>\n").map_err(fault)?;
                }
                sink
            }
            Form::Kept(kept, mut sink) => {
                let types = types(header.len(), &kept);
                sink.left = sink.most;
                match (format, &path) {
                    (Format::Json, None) => {
                        return Ok(Written {
                            data: objects(&header, &types, &kept),
                            rows,
                            path: None,
                        });
                    }
                    (Format::Json, Some(_)) => {
                        sink.write_all(to_json(&objects(&header, &types, &kept)).as_bytes())
                            .map_err(fault)?;
                    }
                    (Format::Xlsx, _) => sink
                        .write_all(&sheet::to_xlsx(&header, &types, &kept)?)
                        .map_err(fault)?,
                    (Format::Parquet, _) => sink
                        .write_all(&sheet::to_parquet(&header, &types, &kept)?)
                        .map_err(fault)?,
                    _ => {
                        for row in &kept {
                            let line = to_json(&object(&header, &types, row)) + "\n";
                            sink.write_all(line.as_bytes()).map_err(fault)?;
                        }
                    }
                }
                sink
            }
        };
        let (data, path) = match sink.target {
            Target::Memory(bytes) => (in_memory(format, bytes), None),
            Target::File(mut file) => {
                file.flush().map_err(fault)?;
                let file = file
                    .into_inner()
                    .map_err(|failed| fault(io::Error::other(failed.to_string())))?;
                let entry = file.commit()?;
                let path = entry.path.display().to_string();
                let data = Map::from([
                    ("path", Value::from(path.as_str())),
                    ("format", format.name().into()),
                    ("size_bytes", entry.size.into()),
                    ("rows", rows.into()),
                ]);
                (Value::Map(data), Some(path))
            }
        };
        Ok(Written { data, rows, path })
    }
}

fn in_memory(format: Format, bytes: Vec<u8>) -> Value {
    if !matches!(format, Format::Xlsx | Format::Parquet) {
        return Value::Str(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(failed) => String::from_utf8_lossy(failed.as_bytes()).into_owned(),
        });
    }
    Value::from([
        ("format", Value::from(format.name())),
        ("encoding", "base64".into()),
        ("data", STANDARD.encode(&bytes).into()),
        ("size_bytes", bytes.len().into()),
    ])
}

/// Returns what the target said, not what the writer made of it.
fn cause(failed: csv::Error) -> io::Error {
    match failed.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Returns the type of each column.
pub(super) fn types(width: usize, rows: &[ByteRecord]) -> Vec<DataType> {
    let mut kinds = vec![Kinds::default(); width];
    for row in rows {
        for (kinds, cell) in kinds.iter_mut().zip(row) {
            kinds.count(Cell::read(cell));
        }
    }
    kinds.iter().map(Kinds::data_type).collect()
}

/// Returns rows as objects, each value of its column's type.
pub(crate) fn typed_rows(header: &[String], rows: &[ByteRecord]) -> Value {
    objects(header, &types(header.len(), rows), rows)
}

fn objects(header: &[String], types: &[DataType], rows: &[ByteRecord]) -> Value {
    rows.iter().map(|row| object(header, types, row)).collect()
}

fn object(header: &[String], types: &[DataType], row: &ByteRecord) -> Value {
    let cells = header.iter().zip(types).zip(row);
    Value::Map(
        cells
            .map(|((name, data_type), cell)| (name.clone(), data_type.value(cell)))
            .collect(),
    )
}

fn html(text: &str) -> String {
    markup(text).replace('\'', "&#39;")
}

fn markdown(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace("\r\n", "<br>")
        .replace(['\n', '\r'], "<br>")
}

/// Returns the error for a library's failure to write.
pub(super) fn unwritable(format: &str, failure: impl std::fmt::Display) -> Error {
    Error::new(
        Kind::Execution,
        format!("the table cannot be written as {format}: {failure}"),
    )
}
