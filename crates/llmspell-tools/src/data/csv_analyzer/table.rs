//! A table that is read row by row.

use std::collections::HashSet;
use std::io::{Cursor, Read};
use std::path::Path;

use csv::{ByteRecord, Reader};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use llmspell_core::host::failure;
use llmspell_core::{Cx, Files, Result, Value, error, nearest};

use super::dialect::{self, Asked, Dialect, SAMPLE};
use crate::param::refused;

/// Where a table comes from.
pub(super) enum Source {
    /// The text of a parameter, or what a worker made of a sheet.
    Text(Vec<u8>),
    /// A file.
    File(String),
}

/// Most oddities that are listed.
const MAX_ERRORS: usize = 100;

/// Rows between two looks at the caller's stop.
const STRIDE: u64 = 1024;

/// A table that is read row by row.
///
/// Every row has as many cells as the header: short rows are filled up, long ones are cut, and both are noted.
pub(super) struct Table {
    /// The names of the columns, all different.
    pub(super) header: Vec<String>,
    pub(super) dialect: Dialect,
    /// Bytes of the input, before decoding.
    pub(super) size: u64,
    /// The path, or `input`.
    name: String,
    reader: Reader<Box<dyn Read>>,
    /// The first row, if it names no columns.
    first: Option<ByteRecord>,
    nulls: HashSet<Vec<u8>>,
    row: u64,
    errors: Vec<Value>,
    error_count: u64,
    cx: Cx,
}

/// What is known of a table before it is read.
pub(super) struct Opening<'a> {
    pub(super) asked: &'a Asked,
    /// Texts that stand for an empty cell.
    pub(super) nulls: &'a [String],
    /// Most bytes of the input.
    pub(super) max_bytes: u64,
}

impl Table {
    /// Opens a table.
    ///
    /// - Errors: those of the file; `Limit` for a larger input than allowed.
    pub(super) fn open(
        source: Source,
        files: Option<&dyn Files>,
        opening: &Opening<'_>,
        cx: &Cx,
    ) -> Result<Self> {
        let too_large = |size: u64| {
            let most = opening.max_bytes;
            error!(
                Limit,
                "the input has {size} bytes, more than the limit of {most}"
            )
            .with("limit", most)
            .hint("raise `tools.csv_analyzer.max_input_bytes`")
        };
        let mut name = "input".to_owned();
        let (mut raw, size): (Box<dyn Read>, u64) = match source {
            Source::Text(text) => {
                let size = text.len() as u64;
                (Box::new(Cursor::new(text)), size)
            }
            Source::File(path) => {
                let files = files.ok_or_else(|| error!(Bug, "a file without files"))?;
                let file = files.open(Path::new(&path))?;
                let size = file.entry().size;
                name = path;
                (Box::new(file), size)
            }
        };
        if size > opening.max_bytes {
            return Err(too_large(size));
        }
        let mut sample = Vec::new();
        (&mut raw)
            .take(SAMPLE as u64)
            .read_to_end(&mut sample)
            .map_err(|cause| failure(Path::new(&name), cause))?;
        let whole = sample.len() < SAMPLE;
        let encoding = match opening.asked.encoding {
            Some(encoding) => encoding,
            None => dialect::encoding_of(&sample, whole),
        };
        let beginning = decoded_start(encoding, &sample, whole);
        let dialect = Dialect::detect(opening.asked, encoding, &beginning, whole);
        let marked = match encoding == UTF_8 && sample.starts_with(b"\xef\xbb\xbf") {
            true => sample.split_off(3),
            false => sample,
        };
        let all = Cursor::new(marked).chain(raw);
        let input: Box<dyn Read> = match encoding == UTF_8 {
            true => Box::new(all),
            false => Box::new(Decoded::new(encoding, all)),
        };
        let mut table = Self {
            header: Vec::new(),
            reader: dialect.reader().from_reader(input),
            dialect,
            size,
            name,
            first: None,
            nulls: opening
                .nulls
                .iter()
                .map(|text| text.clone().into_bytes())
                .collect(),
            row: 0,
            errors: Vec::new(),
            error_count: 0,
            cx: cx.clone(),
        };
        table.read_header()?;
        Ok(table)
    }

    fn read_header(&mut self) -> Result<()> {
        let mut first = ByteRecord::new();
        if !self.read(&mut first)? {
            return Ok(());
        }
        let mut taken = HashSet::new();
        for index in 0..first.len() {
            let given = match self.dialect.has_headers {
                true => String::from_utf8_lossy(&first[index]).trim().to_owned(),
                false => String::new(),
            };
            let base = match given.is_empty() {
                true => format!("column_{}", index + 1),
                false => given,
            };
            let mut name = base.clone();
            let mut count = 1;
            while !taken.insert(name.clone()) {
                count += 1;
                name = format!("{base}_{count}");
            }
            self.header.push(name);
        }
        if !self.dialect.has_headers {
            self.first = Some(first);
        }
        Ok(())
    }

    fn read(&mut self, record: &mut ByteRecord) -> Result<bool> {
        self.reader.read_byte_record(record).map_err(|broken| {
            let text = broken.to_string();
            match broken.into_kind() {
                csv::ErrorKind::Io(cause) => failure(Path::new(&self.name), cause),
                _ => error!(Parse, "the input is not separated values: {text}"),
            }
        })
    }

    /// Reads the next row, and returns false at the end.
    pub(super) fn next(&mut self, record: &mut ByteRecord) -> Result<bool> {
        if self.row.is_multiple_of(STRIDE) {
            self.cx.check()?;
        }
        match self.first.take() {
            Some(first) => *record = first,
            None if !self.read(record)? => return Ok(false),
            None => {}
        }
        self.row += 1;
        let (has, wants) = (record.len(), self.header.len());
        if has != wants {
            self.note(format!("the row has {has} fields, expected {wants}"));
            record.truncate(wants);
            for _ in has..wants {
                record.push_field(b"");
            }
        }
        if !self.nulls.is_empty() && record.iter().any(|cell| self.nulls.contains(cell)) {
            let blank = |cell| match self.nulls.contains(cell) {
                true => &b""[..],
                false => cell,
            };
            *record = record.iter().map(blank).collect();
        }
        Ok(true)
    }

    fn note(&mut self, message: String) {
        self.error_count += 1;
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(Value::from([
                ("row", Value::from(self.row)),
                ("message", message.into()),
            ]));
        }
    }

    /// Returns what was odd so far, `{row, message}` each, and how often there was something.
    pub(super) fn oddities(&mut self) -> (Vec<Value>, u64) {
        (std::mem::take(&mut self.errors), self.error_count)
    }

    /// Returns how many rows were read.
    pub(super) fn rows(&self) -> u64 {
        self.row
    }

    /// Returns the place of a column.
    ///
    /// - Errors: `InvalidArgs` with the nearest names.
    pub(super) fn column(&self, parameter: &'static str, name: &str) -> Result<usize> {
        column(&self.header, parameter, name)
    }

    /// Returns the places of columns.
    pub(super) fn columns(&self, parameter: &'static str, names: &[String]) -> Result<Vec<usize>> {
        names
            .iter()
            .map(|name| self.column(parameter, name))
            .collect()
    }
}

/// Returns the place of a column in a header: by its name, in any case if it is no other's.
pub(super) fn column(header: &[String], parameter: &'static str, name: &str) -> Result<usize> {
    let exact = header.iter().position(|known| known == name);
    let folded = || {
        let known = |known: &String| known.eq_ignore_ascii_case(name.trim());
        header.iter().position(known)
    };
    exact.or_else(folded).ok_or_else(|| {
        let known = header
            .iter()
            .take(50)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        let error = refused(
            parameter,
            format!("there is no column '{name:.100}', only: {known:.1000}"),
        );
        match nearest(name, header.iter().map(String::as_str)).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error,
        }
    })
}

/// Decodes the beginning of the input; what is cut at its end is left out.
fn decoded_start(encoding: &'static Encoding, sample: &[u8], whole: bool) -> Vec<u8> {
    let mut decoder = encoding.new_decoder();
    let most = decoder
        .max_utf8_buffer_length(sample.len())
        .unwrap_or(SAMPLE * 4);
    let mut text = String::with_capacity(most);
    let _ = decoder.decode_to_string(sample, &mut text, whole);
    text.into_bytes()
}

/// A text in another encoding, read as UTF-8. What it cannot mean is replaced.
struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    text: Vec<u8>,
    taken: usize,
}

impl<R: Read> Decoded<R> {
    fn new(encoding: &'static Encoding, inner: R) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder(),
            raw: vec![0; 64 * 1024],
            start: 0,
            end: 0,
            ended: false,
            text: Vec::new(),
            taken: 0,
        }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        if self.start == self.end && !self.ended {
            self.start = 0;
            self.end = self.inner.read(&mut self.raw)?;
            self.ended = self.end == 0;
        }
        self.text.resize(128 * 1024, 0);
        self.taken = 0;
        let (result, read, written, _) = self.decoder.decode_to_utf8(
            &self.raw[self.start..self.end],
            &mut self.text,
            self.ended,
        );
        self.start += read;
        self.text.truncate(written);
        if self.ended && result == CoderResult::InputEmpty && written == 0 {
            self.text.clear();
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut finished = false;
        while self.taken == self.text.len() {
            if finished {
                return Ok(0);
            }
            if self.ended && self.start == self.end {
                // The decoder has said its last word.
                return Ok(0);
            }
            self.fill()?;
            finished = self.ended;
        }
        let count = buffer.len().min(self.text.len() - self.taken);
        buffer[..count].copy_from_slice(&self.text[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_read_as_utf_8() {
        let (text, _, _) = encoding_rs::WINDOWS_1252.encode("café;naïve");
        let mut read = String::new();
        Decoded::new(encoding_rs::WINDOWS_1252, &*text)
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, "café;naïve");
        let wide: Vec<u8> = "\u{feff}é,😀\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut read = String::new();
        Decoded::new(encoding_rs::UTF_16LE, &*wide)
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, "é,😀\n");
        let long = "é".repeat(200_000);
        let (text, _, _) = encoding_rs::WINDOWS_1252.encode(&long);
        let mut read = String::new();
        Decoded::new(encoding_rs::WINDOWS_1252, &*text)
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, long);
    }
}
