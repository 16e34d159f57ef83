//! Messages as files, for tests of spells.

use std::path::{Path, PathBuf};

use llmspell_core::host::WriteMode;
use llmspell_core::{Cx, Result, bail};

use super::letter::Letter;
use super::{Sent, Verified};

/// A directory that gets one `.eml` file for each message.
pub(super) struct Directory(pub(super) PathBuf);

impl Directory {
    pub(super) async fn send(&self, cx: &Cx, letter: &Letter, raw: &[u8]) -> Result<Sent> {
        let unique = letter.message_id.trim_start_matches('<');
        let unique = unique.split('@').next().unwrap_or_default();
        let path = self.0.join(format!("{unique}.eml"));
        let raw = raw.to_vec();
        let writing = cx.files(move |files, _| files.write(&path, WriteMode::New, &raw));
        let entry = writing.await?;
        Ok(Sent {
            status: "sent",
            message_id: letter.message_id.clone(),
            accepted: letter.recipients(),
            rejected: Vec::new(),
            message: format!("Wrote {}", entry.path.display()),
        })
    }

    pub(super) async fn verify(&self, cx: &Cx) -> Result<Verified> {
        let path = self.0.clone();
        let looking = cx.files(move |files, _| {
            let path: &Path = &path;
            match files.entry(path)? {
                Some(entry) if !entry.is_dir() => {
                    bail!(NotFound, "'{}' is no directory", path.display())
                }
                // It is made with the first message.
                _ => Ok(()),
            }
        });
        looking.await?;
        Ok(Verified {
            available: true,
            auth_ok: None,
            tls: None,
            fault: None,
        })
    }
}
