//! Where bytes live: the [`Store`] trait, its backends and the suite that all of them pass.
//!
//! A store is chosen by URL, so configuration, command line and tests name it the same way:
//!
//! ```
//! # async fn example() -> llmspell_core::Result<()> {
//! use llmspell_store::{Batch, Durability, Scan, open};
//!
//! let store = open("memory:", Durability::Process)?;
//! let applied = store.apply(Batch::new().put("user/ada", "1815").append("log", "hello")).await?;
//! assert_eq!(applied.seqs, [1]);
//! let page = store.scan(Scan::prefix("user/")).await?;
//! assert_eq!(page.entries, [(b"user/ada".to_vec(), b"1815".to_vec())]);
//! # Ok(())
//! # }
//! ```
//!
//! To add a backend: write `src/<backend>.rs`, add its row to the table of schemes in this file, and let
//! `tests/it/main.rs` run [`conformance`] over it.
#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::sync::Arc;

use llmspell_core::{Error, Result, error};

pub mod conformance;
mod memory;
mod sqlite;
mod store;

pub use memory::Memory;
pub use sqlite::Sqlite;
pub use store::{
    Applied, Batch, Done, Entry, Hash, MAX_KEY, MAX_VALUE, PAGE_BYTES, PATIENCE, Page, Scan, Store,
    hash,
};

/// What an acknowledged batch survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Durability {
    /// The death of the process at any moment (`kill -9`): the batch was handed to the operating system.
    ///
    /// A loss of power may take the last seconds, but never leaves half a batch nor a damaged store. Batches do not wait
    /// for the disk, except one in some thousands: the first after the log of writes was emptied.
    #[default]
    Process,
    /// The loss of power as well: the disk has confirmed the batch. Batches that wait at the same time share one
    /// confirmation.
    Power,
}

/// One kind of store: how its URLs look and what opens them.
struct Scheme {
    name: &'static str,
    form: &'static str,
    /// Returns the path in what follows the colon, or why there cannot be such a store.
    path: fn(&str) -> Result<&str>,
    open: fn(&str, Durability) -> Result<Arc<dyn Store>>,
}

const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "memory",
        form: "memory:",
        path: no_path,
        open: |_, _| Ok(Arc::new(Memory::new())),
    },
    Scheme {
        name: "sqlite",
        form: "sqlite:PATH",
        path: file_path,
        open: |path, durability| Ok(Arc::new(Sqlite::open(path, durability)?)),
    },
];

/// Opens the store that `url` names, and makes it if it does not exist.
///
/// `memory:` is a new, empty store each time. `sqlite:PATH` is a file; a relative path begins at the working directory,
/// `sqlite://PATH` means the same. The call reads and writes files and takes about a millisecond; the store that it
/// returns needs no particular async runtime.
///
/// - Errors: `Config` if the URL is wrong, or the file belongs to another program or to a newer version; `Corrupt` if
///   it is no database or a damaged one; `Io` if it cannot be made or opened.
pub fn open(url: &str, durability: Durability) -> Result<Arc<dyn Store>> {
    let (scheme, path) = place(url)?;
    (scheme.open)(path, durability)
}

/// Checks that `url` names a store that can exist. Nothing is opened.
///
/// - Errors: `Config` as [`open`] says it.
pub fn check(url: &str) -> Result<()> {
    place(url).map(|_| ())
}

fn place(url: &str) -> Result<(&Scheme, &str)> {
    let Some((name, rest)) = url.split_once(':') else {
        return Err(unknown(format!("'{url}' is not the URL of a store"))
            .hint(format!("for a file write 'sqlite:{url}'")));
    };
    match SCHEMES.iter().find(|scheme| scheme.name == name) {
        Some(scheme) => Ok((scheme, (scheme.path)(rest)?)),
        None => {
            let error = unknown(format!("no kind of store is named '{name}'"));
            let names = SCHEMES.iter().map(|scheme| scheme.name);
            Err(match llmspell_core::nearest(name, names).first() {
                Some(near) => error.hint(format!("did you mean '{near}:'?")),
                None => error,
            })
        }
    }
}

fn unknown(message: String) -> Error {
    let forms: Vec<_> = SCHEMES
        .iter()
        .map(|scheme| format!("'{}'", scheme.form))
        .collect();
    error!(Config, "{message}; known are {}", forms.join(", "))
}

fn no_path(rest: &str) -> Result<&str> {
    match rest {
        "" => Ok(rest),
        _ => Err(
            error!(Config, "a store in memory has no path, got 'memory:{rest}'")
                .hint("write 'memory:' or 'sqlite:PATH'"),
        ),
    }
}

fn file_path(rest: &str) -> Result<&str> {
    match rest.strip_prefix("//").unwrap_or(rest) {
        "" => {
            Err(error!(Config, "the URL 'sqlite:{rest}' names no file").hint("write 'sqlite:PATH'"))
        }
        path => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;

    use super::*;

    fn refused(url: &str) -> Error {
        let error = open(url, Durability::Process).unwrap_err();
        assert_eq!(error.kind(), Kind::Config, "{url}");
        let checked = check(url).unwrap_err();
        assert_eq!(checked.message(), error.message());
        error
    }

    #[test]
    fn wrong_urls_say_what_is_known() {
        let error = refused("sqlit:x.db");
        assert_eq!(
            error.message(),
            "no kind of store is named 'sqlit'; known are 'memory:', 'sqlite:PATH'"
        );
        assert_eq!(error.hints(), ["did you mean 'sqlite:'?"]);
        assert_eq!(refused("x.db").hints(), ["for a file write 'sqlite:x.db'"]);
        assert!(refused("postgres://u:secret@h/d").hints().is_empty());
    }

    #[test]
    fn messages_never_repeat_what_may_be_a_password() {
        assert!(!format!("{:?}", refused("postgres://u:secret@h/d")).contains("secret"));
    }

    #[test]
    fn paths_are_required_where_they_belong_and_refused_elsewhere() {
        assert_eq!(
            refused("sqlite:").message(),
            "the URL 'sqlite:' names no file"
        );
        assert_eq!(
            refused("sqlite://").message(),
            "the URL 'sqlite://' names no file"
        );
        assert_eq!(
            refused("memory:x").message(),
            "a store in memory has no path, got 'memory:x'"
        );
    }
}
