//! The reads: each is one statement or one transaction, so it sees one state of the file.

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Result, Row};

use crate::store::{Entry, Filling, Hash, Page, Range, Scan};

/// Returns the ids that the entries of the log with this number have, from the first to the last possible one.
pub(super) fn entry_ids(log: i64) -> (i64, i64) {
    (log << 32 | 1, log << 32 | i64::from(u32::MAX))
}

pub(super) fn get(conn: &Connection, key: &[u8]) -> Result<Option<Vec<u8>>> {
    conn.prepare_cached("SELECT value FROM kv WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

pub(super) fn scan(conn: &Connection, range: &Range, scan: &Scan) -> Result<Page> {
    let sql = match (&range.end, scan.reverse) {
        (None, false) => "SELECT key, value FROM kv WHERE key >= ?1 ORDER BY key",
        (None, true) => "SELECT key, value FROM kv WHERE key >= ?1 ORDER BY key DESC",
        (Some(_), false) => "SELECT key, value FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key",
        (Some(_), true) => {
            "SELECT key, value FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key DESC"
        }
    };
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = match &range.end {
        Some(end) => statement.query((&range.start, end))?,
        None => statement.query([&range.start])?,
    };
    let mut filling = Filling::new(scan.limit);
    let mut page = Page::default();
    while let Some(row) = rows.next()? {
        if !filling.takes() {
            page.next = page.entries.last().map(|(key, _)| key.clone());
            break;
        }
        let (key, value): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        filling.took(key.len() + value.len());
        page.entries.push((key, value));
    }
    Ok(page)
}

pub(super) fn log(conn: &Connection, name: &str, after: u64, limit: usize) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let look = conn.unchecked_transaction()?;
    let (Some(id), Ok(after)) = (log_id(&look, name)?, u32::try_from(after)) else {
        return Ok(entries);
    };
    let (_, last) = entry_ids(id);
    let mut statement =
        look.prepare_cached("SELECT id, bytes FROM entry WHERE id > ?1 AND id <= ?2 ORDER BY id")?;
    let mut rows = statement.query([id << 32 | i64::from(after), last])?;
    let mut filling = Filling::new(limit);
    while filling.takes()
        && let Some(row) = rows.next()?
    {
        let bytes: Vec<u8> = row.get(1)?;
        filling.took(bytes.len());
        entries.push(Entry {
            seq: seq(row)?,
            bytes,
        });
    }
    Ok(entries)
}

pub(super) fn log_len(conn: &Connection, name: &str) -> Result<u64> {
    let look = conn.unchecked_transaction()?;
    match log_id(&look, name)? {
        Some(id) => last_seq(&look, id),
        None => Ok(0),
    }
}

/// Returns the number of the log, if it has ever had an entry.
pub(super) fn log_id(conn: &Connection, name: &str) -> Result<Option<i64>> {
    let mut statement = conn.prepare_cached("SELECT id FROM log WHERE name = ?1")?;
    statement
        .query_row([name.as_bytes()], |row| row.get(0))
        .optional()
}

/// Returns the number of the last entry of a log.
pub(super) fn last_seq(conn: &Connection, log: i64) -> Result<u64> {
    let (first, last) = entry_ids(log);
    let mut statement = conn.prepare_cached(
        "SELECT id FROM entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
    )?;
    Ok(statement
        .query_row([first, last], seq)
        .optional()?
        .unwrap_or_default())
}

fn seq(row: &Row<'_>) -> Result<u64> {
    let id: i64 = row.get(0)?;
    Ok(u64::from(id as u32))
}

pub(super) fn blobs(conn: &Connection, hashes: &[Hash]) -> Result<Vec<Option<Vec<u8>>>> {
    let look = conn.unchecked_transaction()?;
    let mut find = look.prepare_cached("SELECT part, parts FROM blob WHERE hash = ?1")?;
    let mut read =
        look.prepare_cached("SELECT bytes FROM part WHERE id >= ?1 AND id < ?1 + ?2 ORDER BY id")?;
    let mut found = Vec::with_capacity(hashes.len());
    for hash in hashes {
        let place = find
            .query_row([hash as &dyn ToSql], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let blob = match place {
            Some((part, parts)) => Some(join(read.query::<[i64; 2]>([part, parts])?)?),
            None => None,
        };
        found.push(blob);
    }
    Ok(found)
}

fn join(mut rows: rusqlite::Rows<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(row) = rows.next()? {
        bytes.extend_from_slice(row.get_ref(0)?.as_blob()?);
    }
    Ok(bytes)
}
