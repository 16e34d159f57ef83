//! The [`Store`] trait and the values that go in and out of it.

use std::fmt::Debug;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Result, bail, error};
use tokio::sync::oneshot;

/// Most bytes of a key and of a log's name.
pub const MAX_KEY: usize = 64 << 10;

/// Most bytes of a value, a log entry and a blob.
pub const MAX_VALUE: usize = 512 << 20;

/// Bytes after which a page of a scan or of a log is full although its limit is not reached.
///
/// It bounds the memory that one read takes; a page with a single larger entry holds that entry alone.
pub const PAGE_BYTES: usize = 8 << 20;

/// Told how a batch went, on a thread that must not be kept waiting.
pub type Done = Box<dyn FnOnce(Result<Applied>) + Send>;

/// How long a patient batch may be held back.
pub const PATIENCE: Duration = Duration::from_millis(5);

/// The address of a blob: the first 16 bytes of the BLAKE3 hash of its content, see [`hash`].
pub type Hash = [u8; 16];

/// Returns the address of a blob with this content.
pub fn hash(bytes: &[u8]) -> Hash {
    let mut short = Hash::default();
    short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    short
}

/// A place where bytes live: ordered keys with values, append-only logs and content-addressed blobs.
///
/// Everything that is written goes through [`submit`](Store::submit), one atomic batch at a time. Reads are single,
/// consistent looks at what was applied before them. A store is shared as `Arc<dyn Store>` by as many tasks as like;
/// backends that keep files may be opened by several processes at once.
///
/// Rules for every backend, checked by [`conformance`](crate::conformance):
/// - Keys, log names and hashes live in three separate name spaces. Keys are ordered byte by byte; any bytes are
///   allowed, also none.
/// - A read that begins after `apply` returned sees that batch, whole. A read never sees half of a batch.
/// - Batches of one store take effect in the order in which they were submitted, and [`apply`](Store::apply) submits at
///   the first poll; batches of several processes in some one order that all of them see.
/// - What is missing is not an error: `None`, an empty page, a length of 0. Deleting what is missing does nothing.
/// - A future does nothing before its first poll. No method blocks the thread that polls it on a file or a lock of
///   another process.
///
/// Errors of every method: `InvalidState` after [`close`](Store::close); `Corrupt` if stored data is damaged; `Io` if
/// the operating system fails; `Timeout` if another process holds the lock for too long.
pub trait Store: Send + Sync + Debug {
    /// Returns the value of `key`, or `None` if it has none.
    ///
    /// - Cancel: safe.
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>>;

    /// Returns one page of the entries whose keys start with a prefix, in the order of their keys.
    ///
    /// The page ends at the scan's limit, or earlier once its keys and values exceed [`PAGE_BYTES`]; it holds at
    /// least one entry if there is any. `next` is the value of `after` for the page that follows, `None` if this is
    /// the last one. Each page is a look of its own: a key that is written or deleted between two pages is met or not,
    /// as its place says; every key that stays is met exactly once.
    ///
    /// - Errors: `InvalidArgs` if the limit is 0.
    /// - Cancel: safe.
    fn scan(&self, scan: Scan) -> BoxFuture<'_, Result<Page>>;

    /// Applies all of `batch` or nothing of it, and returns the numbers of its log entries.
    ///
    /// First every expectation is checked against the state before the batch, then its steps take effect in their
    /// order: a later step sees an earlier one. An empty batch does nothing and succeeds. When this returns, the batch
    /// and all that were submitted before it are durable as the store's [`Durability`](crate::Durability) says.
    ///
    /// - Errors: `Conflict` if an expectation does not hold, with the key in the message and the details; `Limit` if
    ///   a key exceeds [`MAX_KEY`] or a value [`MAX_VALUE`]. Nothing was written in either case.
    /// - Cancel: not safe after the first poll: the batch is then on its way and is applied, whole, or not at all.
    fn apply(&self, batch: Batch) -> BoxFuture<'_, Result<Applied>> {
        Box::pin(async move {
            let (answer, applied) = oneshot::channel();
            // Whoever asked may have stopped waiting.
            self.submit(batch, Box::new(move |applied| drop(answer.send(applied))));
            let lost = |_| Err(error!(Bug, "the store died of a defect"));
            applied.await.unwrap_or_else(lost)
        })
    }

    /// Hands over a batch and returns at once; `done` is told what [`apply`](Store::apply) would have returned.
    ///
    /// `done` is called once, perhaps before this returns. Only if a defect ended the store it is dropped uncalled.
    fn submit(&self, batch: Batch, done: Done);

    /// Returns entries of the log `name` with numbers above `after`, oldest first, at most `limit`.
    ///
    /// An empty answer means that there are none. Fewer than `limit` do not mean the end: an answer stops once its
    /// entries exceed [`PAGE_BYTES`] (it holds at least one). Read on with the last number as `after`.
    ///
    /// - Errors: `InvalidArgs` if `limit` is 0.
    /// - Cancel: safe.
    fn read_log<'a>(
        &'a self,
        name: &'a str,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>>>;

    /// Returns the number of entries of the log `name`, which is the number of its last entry; 0 if there is none.
    ///
    /// - Cancel: safe.
    fn log_len<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64>>;

    /// Returns the blob with this address, or `None` if it is not stored.
    ///
    /// The content is as it was put; it is not hashed again.
    ///
    /// - Cancel: safe.
    fn blob(&self, hash: Hash) -> BoxFuture<'_, Result<Option<Vec<u8>>>>;

    /// Returns the blobs with these addresses, in their order, in one look.
    ///
    /// - Cancel: safe.
    fn blobs<'a>(&'a self, hashes: &'a [Hash]) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>>>;

    /// Returns how many bytes the store takes where it lives: files on disk, or keys and values in memory.
    ///
    /// - Cancel: safe.
    fn size(&self) -> BoxFuture<'_, Result<u64>>;

    /// Returns when everything that was applied before it is safe from a loss of power, whatever the durability is.
    ///
    /// A store in memory has nothing to do.
    ///
    /// - Cancel: safe.
    fn flush(&self) -> BoxFuture<'_, Result<()>>;

    /// Lets what is under way end, puts the files in order and releases them.
    ///
    /// Calls that begin afterwards fail with `InvalidState`, but closing again succeeds. A store that is dropped
    /// without being closed loses nothing that was acknowledged; only its files are not put in order before the drop
    /// returns. A store in memory forgets everything.
    ///
    /// - Cancel: the store closes nevertheless; a second call waits for it.
    fn close(&self) -> BoxFuture<'_, Result<()>>;
}

/// What to scan: a prefix, a direction, where to go on and how far.
///
/// Defaults: forward, from the start, 1,000 entries a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Only keys that start so; all keys if empty.
    pub prefix: Vec<u8>,
    /// Only keys beyond this one in the direction of the scan. It need not exist, nor start with the prefix.
    pub after: Option<Vec<u8>>,
    /// Most entries of the page (count, at least 1).
    pub limit: usize,
    /// From the greatest key down instead of from the least up.
    pub reverse: bool,
}

impl Scan {
    /// Scans the keys that start with `prefix`.
    pub fn prefix(prefix: impl Into<Vec<u8>>) -> Self {
        Self {
            prefix: prefix.into(),
            after: None,
            limit: 1000,
            reverse: false,
        }
    }

    /// Goes on beyond `key`, usually the `next` of the page before.
    #[must_use]
    pub fn after(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.after = Some(key.into());
        self
    }

    /// Sets the most entries of a page.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Goes from the greatest key down.
    #[must_use]
    pub fn reverse(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// Returns the least key of the scan and the key before which it ends, or `None` if no key can be between them.
    pub(crate) fn range(&self) -> Result<Option<Range>> {
        if self.limit == 0 {
            bail!(InvalidArgs, "the limit of a scan must be at least 1, got 0");
        }
        let mut start = self.prefix.clone();
        let mut end = successor(&self.prefix);
        match &self.after {
            Some(after) if self.reverse => {
                end = Some(end.map_or_else(|| after.clone(), |end| end.min(after.clone())));
            }
            Some(after) => {
                let mut beyond = Vec::with_capacity(after.len() + 1);
                beyond.extend_from_slice(after);
                beyond.push(0);
                start = start.max(beyond);
            }
            None => {}
        }
        let empty = end.as_ref().is_some_and(|end| *end <= start);
        Ok((!empty).then_some(Range { start, end }))
    }
}

/// Keys from `start` on, up to but without `end`.
#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) start: Vec<u8>,
    pub(crate) end: Option<Vec<u8>>,
}

impl Range {
    pub(crate) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let end = self
            .end
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded);
        (Bound::Included(&self.start), end)
    }
}

/// Returns the least key that is greater than every key that starts with `prefix`, if there is one.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut key = prefix[..=last].to_vec();
    key[last] += 1;
    Some(key)
}

/// One page of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Keys with their values, in the direction of the scan.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// What to give as [`Scan::after`] for the next page; `None` on the last page.
    pub next: Option<Vec<u8>>,
}

/// Collects entries of one answer until its limit or [`PAGE_BYTES`] is reached.
#[derive(Debug)]
pub(crate) struct Filling {
    left: usize,
    bytes: usize,
}

impl Filling {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            left: limit,
            bytes: 0,
        }
    }

    /// Returns whether an entry still fits, which the first one always does.
    pub(crate) fn takes(&self) -> bool {
        self.left > 0 && self.bytes < PAGE_BYTES
    }

    pub(crate) fn took(&mut self, bytes: usize) {
        self.left -= 1;
        self.bytes += bytes;
    }
}

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log: 1, 2, 3 and so on without gaps.
    pub seq: u64,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The numbers of the appended log entries, in the order of the batch.
    pub seqs: Vec<u64>,
}

impl Applied {
    /// Returns the number of the last appended entry, if the batch appended any.
    pub fn seq(&self) -> Option<u64> {
        self.seqs.last().copied()
    }
}

/// Writes that happen together or not at all, under conditions.
///
/// ```
/// use llmspell_store::{Batch, hash};
///
/// let output = b"a long text";
/// let batch = Batch::new()
///     .expect("lease/7", "owner-1")
///     .blob(hash(output), output)
///     .append("journal/7", "done")
///     .put("state/7", "idle");
/// assert_eq!(batch.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub(crate) expectations: Vec<Expectation>,
    pub(crate) lengths: Vec<Length>,
    pub(crate) steps: Vec<Step>,
    pub(crate) patient: bool,
}

/// A condition on one key: the value that it must have, `None` for no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Option<Vec<u8>>,
}

/// A condition on one log: how many entries it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) name: Arc<str>,
    pub(crate) len: u64,
}

/// One write of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Append(Arc<str>, Vec<u8>),
    DeleteLog(Arc<str>),
    Blob(Hash, Vec<u8>),
    DeleteBlob(Hash),
}

impl Batch {
    /// Makes an empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies the batch only if `key` has exactly this value before it.
    #[must_use]
    pub fn expect(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.expectations.push(Expectation {
            key: key.into(),
            value: Some(value.into()),
        });
        self
    }

    /// Applies the batch only if `key` has no value before it.
    #[must_use]
    pub fn expect_absent(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.expectations.push(Expectation {
            key: key.into(),
            value: None,
        });
        self
    }

    /// Applies the batch only if the log `name` has exactly `len` entries before it.
    ///
    /// So batches that are submitted one after the other form a chain: after one that failed, none takes effect.
    #[must_use]
    pub fn expect_len(mut self, name: impl Into<Arc<str>>, len: u64) -> Self {
        self.lengths.push(Length {
            name: name.into(),
            len,
        });
        self
    }

    /// Says that nobody waits for the batch: the store may hold it back for [`PATIENCE`](crate::PATIENCE), or until a
    /// batch comes that somebody waits for, and write all of them at once.
    #[must_use]
    pub fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    /// Gives `key` a value, in place of the one it may have.
    #[must_use]
    pub fn put(self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Put(key.into(), value.into()))
    }

    /// Removes `key` and its value.
    #[must_use]
    pub fn delete(self, key: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Delete(key.into()))
    }

    /// Appends an entry to the log `name`, which begins with number 1 if it has no entry.
    ///
    /// A name that is kept as `Arc<str>` is not copied.
    #[must_use]
    pub fn append(self, name: impl Into<Arc<str>>, entry: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Append(name.into(), entry.into()))
    }

    /// Removes the log `name` with all its entries; an entry that is appended later has number 1 again.
    #[must_use]
    pub fn delete_log(self, name: impl Into<Arc<str>>) -> Self {
        self.step(Step::DeleteLog(name.into()))
    }

    /// Stores a blob under its address, unless that is stored already.
    ///
    /// The address must be [`hash`] of the bytes; it is not computed again.
    #[must_use]
    pub fn blob(self, hash: Hash, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Blob(hash, bytes.into()))
    }

    /// Removes the blob with this address.
    ///
    /// The store does not count who needs a blob. Whoever deletes some keeps that count under keys, changes it in the
    /// batches that put and delete, and guards both with [`expect`](Batch::expect).
    #[must_use]
    pub fn delete_blob(self, hash: Hash) -> Self {
        self.step(Step::DeleteBlob(hash))
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Returns the number of writes.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns whether the batch has neither writes nor expectations.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.expectations.is_empty() && self.lengths.is_empty()
    }

    /// Returns how many bytes the writes carry.
    pub(crate) fn bytes(&self) -> usize {
        self.steps.iter().map(Step::bytes).sum()
    }

    /// Refuses keys and values that exceed the limits of every store.
    pub(crate) fn check(&self) -> Result<()> {
        for expectation in &self.expectations {
            check_key("key", &expectation.key)?;
        }
        for length in &self.lengths {
            check_key("log name", length.name.as_bytes())?;
        }
        self.steps.iter().try_for_each(Step::check)
    }
}

impl Step {
    fn bytes(&self) -> usize {
        match self {
            Step::Put(key, value) => key.len() + value.len(),
            Step::Append(_, bytes) | Step::Blob(_, bytes) => bytes.len(),
            Step::Delete(_) | Step::DeleteLog(_) | Step::DeleteBlob(_) => 0,
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Step::Put(key, value) => {
                check_key("key", key)?;
                check_value("value", key, value)
            }
            Step::Delete(key) => check_key("key", key),
            Step::Append(name, entry) => {
                check_key("log name", name.as_bytes())?;
                check_value("log entry", name.as_bytes(), entry)
            }
            Step::DeleteLog(name) => check_key("log name", name.as_bytes()),
            Step::Blob(hash, bytes) => check_value("blob", hash, bytes),
            Step::DeleteBlob(_) => Ok(()),
        }
    }
}

fn check_key(what: &str, key: &[u8]) -> Result<()> {
    if key.len() <= MAX_KEY {
        return Ok(());
    }
    Err(error!(
        Limit,
        "the {what} '{}' has {} bytes, the most is {MAX_KEY}",
        shown(key),
        key.len()
    ))
}

fn check_value(what: &str, key: &[u8], value: &[u8]) -> Result<()> {
    if value.len() <= MAX_VALUE {
        return Ok(());
    }
    let error = error!(
        Limit,
        "the {what} of '{}' has {} bytes, the most is {MAX_VALUE}",
        shown(key),
        value.len()
    );
    Err(error.hint("split it into several"))
}

impl Expectation {
    /// Checks the condition against what is stored.
    pub(crate) fn check(&self, stored: Option<&[u8]>) -> Result<()> {
        let key = shown(&self.key);
        let message = match (&self.value, stored) {
            (None, None) => return Ok(()),
            (Some(value), Some(stored)) if value == stored => return Ok(()),
            (None, Some(_)) => format!("the key '{key}' has a value already"),
            (Some(_), None) => format!("the key '{key}' has no value, another was expected"),
            (Some(_), Some(_)) => format!("the key '{key}' has another value than expected"),
        };
        Err(error!(Conflict, "{message}").with("key", key))
    }
}

impl Length {
    /// Checks the condition against the length of the log.
    pub(crate) fn check(&self, stored: u64) -> Result<()> {
        let Self { name, len } = self;
        if stored == *len {
            return Ok(());
        }
        let error = error!(
            Conflict,
            "the log '{name}' has {stored} entries, {len} were expected"
        );
        Err(error.with("log", name.to_string()))
    }
}

/// Returns a key as text for messages: escaped where it is not printable, cut after 100 characters.
fn shown(key: &[u8]) -> String {
    const MOST: usize = 100;
    let text: String = match std::str::from_utf8(key) {
        Ok(text) => text.escape_debug().take(MOST).collect(),
        Err(_) => key.escape_ascii().take(MOST).map(char::from).collect(),
    };
    if text.chars().count() < MOST {
        text
    } else {
        text + "…"
    }
}

/// Refuses a read of no entries, which could never end.
pub(crate) fn check_limit(limit: usize) -> Result<()> {
    if limit == 0 {
        bail!(
            InvalidArgs,
            "the limit of a log read must be at least 1, got 0"
        );
    }
    Ok(())
}

/// The error of every call after `close`.
pub(crate) fn closed() -> llmspell_core::Error {
    error!(InvalidState, "the store is closed")
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;

    use super::*;

    #[test]
    fn successor_is_the_end_of_a_prefix() {
        let check =
            |prefix: &[u8], want: Option<&[u8]>| assert_eq!(successor(prefix).as_deref(), want);
        check(b"", None);
        check(b"a", Some(b"b"));
        check(b"a/", Some(b"a0"));
        check(b"a\xff", Some(b"b"));
        check(b"\xff\xff", None);
        check(b"\xff\xfe\xff", Some(b"\xff\xff"));
    }

    #[test]
    fn range_combines_prefix_and_after() {
        let check = |scan: Scan, want: Option<(&[u8], Option<&[u8]>)>| {
            let range = scan.range().unwrap();
            assert_eq!(
                range
                    .as_ref()
                    .map(|range| (&*range.start, range.end.as_deref())),
                want,
                "{scan:?}"
            );
        };
        check(Scan::prefix(""), Some((b"", None)));
        check(Scan::prefix("a"), Some((b"a", Some(b"b"))));
        check(Scan::prefix("a").after("a1"), Some((b"a1\0", Some(b"b"))));
        check(Scan::prefix("a").after("A"), Some((b"a", Some(b"b"))));
        check(Scan::prefix("a").after("b"), None);
        check(
            Scan::prefix("a").after("a1").reverse(),
            Some((b"a", Some(b"a1"))),
        );
        check(
            Scan::prefix("a").after("z").reverse(),
            Some((b"a", Some(b"b"))),
        );
        check(Scan::prefix("a").after("a").reverse(), None);
        check(Scan::prefix("").after("").reverse(), None);
        assert_eq!(
            Scan::prefix("a").limit(0).range().unwrap_err().kind(),
            Kind::InvalidArgs
        );
    }

    #[test]
    fn keys_in_messages_are_printable_and_short() {
        assert_eq!(shown(b"lease/7"), "lease/7");
        assert_eq!(shown("grüße\n".as_bytes()), "grüße\\n");
        assert_eq!(shown(b"a\xff"), "a\\xff");
        assert_eq!(shown(&[b'k'; 500]).chars().count(), 101);
    }

    #[test]
    fn oversized_parts_are_refused_by_name() {
        let message = |batch: Batch| batch.check().unwrap_err().message().to_owned();
        let long = vec![b'k'; MAX_KEY + 1];
        assert!(message(Batch::new().put(long.clone(), "")).starts_with("the key 'kkk"));
        assert!(message(Batch::new().expect_absent(long)).starts_with("the key 'kkk"));
        let big = vec![0; MAX_VALUE + 1];
        assert_eq!(
            message(Batch::new().append("journal", big)),
            "the log entry of 'journal' has 536870913 bytes, the most is 536870912"
        );
    }
}
