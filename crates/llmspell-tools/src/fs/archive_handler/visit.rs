//! Going through an archive, whatever its format.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use llmspell_core::host::ReadFile;
use llmspell_core::{Error, Result, error};
use zip::ZipArchive;
use zip::result::ZipError;

use super::format::{Codec, Format, Layout};
use super::member::{Member, Type};
use super::meter::Meter;
use crate::param::refused;

/// Most bytes of the directory of a zip.
const MAX_DIRECTORY: u64 = 64 << 20;

/// Most bytes of the headers of one entry of a tar.
const MAX_HEADERS: u64 = 1 << 20;

/// An open archive.
pub(super) struct Archive {
    pub(super) path: PathBuf,
    pub(super) file: Box<dyn ReadFile>,
    pub(super) size: u64,
    pub(super) format: Format,
    pub(super) password: Option<String>,
}

/// Who is shown the entries of an archive, in their order.
pub(super) trait Visitor {
    /// Is shown an entry; returns whether its content is wanted.
    fn wants(&mut self, member: &Member) -> Result<bool>;

    /// Is given the content, or the reason why there is none.
    fn take(&mut self, member: &Member, content: Result<&mut dyn Read>) -> Result<()>;
}

impl Archive {
    /// Shows every entry to `visitor`.
    ///
    /// - Errors: those of the visitor; `Limit`; `Parse` for a damaged archive; `Unavailable` for a compression that is
    ///   not known.
    pub(super) fn each(self, meter: &Meter<'_>, visitor: &mut dyn Visitor) -> Result<()> {
        match self.format.layout {
            Layout::Zip => self.zip(meter, visitor),
            Layout::Tar => self.tar(meter, visitor),
            Layout::Single => self.single(meter, visitor),
        }
    }

    fn zip(self, meter: &Meter<'_>, visitor: &mut dyn Visitor) -> Result<()> {
        let path = self.path;
        let failed = |cause: ZipError| refusal(meter, &path, cause);
        let allowance = Rc::new(Cell::new(MAX_DIRECTORY));
        let stream = meter.stream(self.file, allowance.clone());
        let mut archive = ZipArchive::new(BufReader::new(stream)).map_err(failed)?;
        allowance.set(u64::MAX);
        for index in 0..archive.len() {
            meter.member()?;
            let (member, encrypted) = {
                let entry = archive.by_index_data(index).map_err(failed)?;
                (Member::of_zip(&entry), entry.encrypted())
            };
            if !visitor.wants(&member)? {
                continue;
            }
            let content = match (encrypted, &self.password) {
                (false, _) => archive.by_index(index).map_err(failed),
                (true, Some(password)) => archive
                    .by_index_decrypt(index, password.as_bytes())
                    .map_err(failed),
                (true, None) => {
                    Err(refused("password", "the archive is encrypted").hint("give its `password`"))
                }
            };
            match content {
                Ok(content) => visitor.take(&member, Ok(&mut meter.content(content)))?,
                Err(error) => visitor.take(&member, Err(error))?,
            }
        }
        Ok(())
    }

    fn tar(self, meter: &Meter<'_>, visitor: &mut dyn Visitor) -> Result<()> {
        let failed = |cause| meter.failure(&self.path, cause);
        let allowance = Rc::new(Cell::new(MAX_HEADERS));
        let plain = self.format.codec.decoder(BufReader::new(self.file));
        let mut archive = tar::Archive::new(meter.stream(plain, allowance.clone()));
        let mut entries = archive.entries().map_err(failed)?;
        // What is left of the entry before has to be read as well.
        let mut left: u64 = 0;
        loop {
            allowance.set(left.saturating_add(MAX_HEADERS));
            let Some(entry) = entries.next() else {
                break;
            };
            let mut entry = entry.map_err(failed)?;
            left = entry.size();
            if entry.header().entry_type().is_pax_global_extensions() {
                continue;
            }
            meter.member()?;
            let member = Member::of_tar(&entry);
            if !visitor.wants(&member)? {
                continue;
            }
            allowance.set(u64::MAX);
            let mut content = meter.content(&mut entry);
            visitor.take(&member, Ok(&mut content))?;
            io::copy(&mut content, &mut io::sink()).map_err(failed)?;
            left = 0;
        }
        // Behind the last entry stands the checksum of all, which is compared where the stream ends.
        if self.format.codec != Codec::None {
            io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(failed)?;
        }
        Ok(())
    }

    fn single(self, meter: &Meter<'_>, visitor: &mut dyn Visitor) -> Result<()> {
        meter.member()?;
        let codec = self.format.codec;
        let name = self.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let own = name.strip_suffix(codec.end());
        let own = own.and_then(|name| name.strip_suffix('.'));
        let entry = self.file.entry();
        let member = Member {
            name: own
                .filter(|name| !name.is_empty())
                .unwrap_or("content")
                .to_owned(),
            kind: Type::File,
            size: None,
            compressed: Some(self.size),
            modified: Some(entry.modified),
            mode: None,
            crc32: None,
            target: None,
        };
        if !visitor.wants(&member)? {
            return Ok(());
        }
        let plain = codec.decoder(BufReader::new(self.file));
        visitor.take(&member, Ok(&mut meter.content(plain)))
    }
}

fn refusal(meter: &Meter<'_>, path: &Path, cause: ZipError) -> Error {
    match cause {
        ZipError::Io(cause) => meter.failure(path, cause),
        ZipError::InvalidPassword => refused("password", "the password does not fit the archive"),
        ZipError::CompressionMethodNotSupported(method) => {
            error!(Unavailable, "the compression method {method} is not known")
                .hint("known are: stored, deflate, bzip2")
        }
        ZipError::UnsupportedArchive(what) => error!(Unavailable, "{what}"),
        damaged => error!(Parse, "the archive is damaged: {damaged}"),
    }
}
