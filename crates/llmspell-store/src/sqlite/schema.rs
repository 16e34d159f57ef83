//! The tables of the file, and how older ones become today's.

use std::path::Path;

use llmspell_core::{Result, bail, error};
use rusqlite::{Connection, TransactionBehavior};

use super::failure::failure;

/// Marks a file as ours in its header, so that another program's database is never changed: "llms".
const APPLICATION: i32 = 0x6c6c_6d73;

/// What brings a file of version n, the index, to version n + 1. Rows are only ever added.
///
/// Version 1:
/// - `kv` holds the keys with their values in key order.
/// - `log` gives each log a number, `entry` holds all entries in one table: its id is the log's number times 2^32 plus
///   the entry's number. So an append needs no second index, and reading a log is reading one range.
/// - `part` holds the blobs. New rows go to its end, so its pages are full; rows in the order of hashes would leave a
///   third of every page empty. `blob` is the small index from hash to first part and number of parts.
const STEPS: &[&str] = &["
    CREATE TABLE kv (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE log (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
    CREATE TABLE entry (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE blob (hash BLOB NOT NULL PRIMARY KEY, part INTEGER NOT NULL, parts INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE part (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
"];

/// What the header of a file says.
struct Header {
    application: i32,
    version: usize,
}

/// Brings the file to today's version, in one transaction, or leaves it as it is.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<()> {
    let header = read(conn, path)?;
    if header.application == APPLICATION && header.version == STEPS.len() {
        return Ok(());
    }
    let failed = |error| failure(path, error);
    let change = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have been faster.
    let header = read(&change, path)?;
    check(&change, path, &header)?;
    for step in &STEPS[header.version..] {
        change.execute_batch(step).map_err(failed)?;
    }
    change
        .pragma_update(None, "application_id", APPLICATION)
        .map_err(failed)?;
    change
        .pragma_update(None, "user_version", STEPS.len() as i64)
        .map_err(failed)?;
    change.commit().map_err(failed)
}

fn read(conn: &Connection, path: &Path) -> Result<Header> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let failed = |error| failure(path, error);
    let application = number("application_id").map_err(failed)?;
    let version = number("user_version").map_err(failed)?;
    if let Ok(version) = usize::try_from(version) {
        return Ok(Header {
            application,
            version,
        });
    }
    bail!(
        Corrupt,
        "the store '{}' has the impossible version {version}",
        path.display()
    )
}

/// Refuses a file that is not ours or newer than this program.
fn check(conn: &Connection, path: &Path, header: &Header) -> Result<()> {
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| failure(path, error))?;
    let empty = tables == 0 && header.version == 0 && header.application == 0;
    if header.application != APPLICATION && !empty {
        let error = error!(
            Config,
            "'{}' is the database of another program, not a store",
            path.display()
        );
        return Err(error.hint("choose another file for the store"));
    }
    if header.version > STEPS.len() {
        let (has, known) = (header.version, STEPS.len());
        let error = error!(
            Config,
            "the store '{}' has version {has}, newest known is {known}",
            path.display()
        );
        return Err(error.hint("update llmspell, or choose another file for the store"));
    }
    Ok(())
}
