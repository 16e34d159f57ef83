//! Contents in chunks.

use bytes::Bytes;
use llmspell_core::{Result, error};
use llmspell_store::{Batch, Scan, Store};

use super::record::{self, Content};

/// Bytes of a chunk.
pub(super) const CHUNK: usize = 1_000_000;

/// Bytes from which on packing and unpacking leave the thread that asks.
const LARGE: usize = 256 << 10;

/// A content as it is going to be stored.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) hash: String,
    content: Bytes,
    /// The compressed chunks, if they are smaller together.
    compressed: Option<Vec<Vec<u8>>>,
}

impl Packed {
    /// Hashes a content, and compresses it if it has so many bytes and gets smaller.
    pub(super) async fn new(content: Bytes, threshold: u64) -> Result<Self> {
        let size = content.len();
        let work = move || {
            let hash = blake3::hash(&content).to_hex().to_string();
            let is_large = content.len() as u64 >= threshold;
            let compressed = is_large.then(|| compressed(&content)).flatten();
            Self {
                hash,
                content,
                compressed,
            }
        };
        aside(size, work).await
    }

    pub(super) fn size(&self) -> u64 {
        self.content.len() as u64
    }

    /// Returns the record of the content, with one artifact.
    pub(super) fn record(&self) -> Content {
        let stored = match &self.compressed {
            Some(chunks) => chunks.iter().map(|chunk| chunk.len() as u64).sum(),
            None => self.size(),
        };
        Content {
            size: self.size(),
            stored,
            lz4: self.compressed.is_some(),
            artifacts: 1,
        }
    }

    /// Adds the chunks to a batch.
    pub(super) fn put(&self, batch: Batch) -> Batch {
        let put = |batch: Batch, (place, chunk): (usize, &[u8])| {
            batch.put(record::chunk_key(&self.hash, place as u64), chunk)
        };
        match &self.compressed {
            Some(chunks) => {
                let chunks = chunks.iter().map(Vec::as_slice);
                chunks.enumerate().fold(batch, put)
            }
            None => self.content.chunks(CHUNK).enumerate().fold(batch, put),
        }
    }
}

/// Returns the compressed chunks, unless they are no smaller.
fn compressed(content: &[u8]) -> Option<Vec<Vec<u8>>> {
    let chunks: Vec<_> = content
        .chunks(CHUNK)
        .map(lz4_flex::block::compress)
        .collect();
    let size: usize = chunks.iter().map(Vec::len).sum();
    (size < content.len()).then_some(chunks)
}

/// Adds to a batch that a content goes.
pub(super) fn delete(batch: Batch, hash: &str, content: &Content) -> Batch {
    let chunks = content.size.div_ceil(CHUNK as u64);
    (0..chunks).fold(batch.delete(record::content_key(hash)), |batch, chunk| {
        batch.delete(record::chunk_key(hash, chunk))
    })
}

/// Reads a content; `None` if it is gone.
///
/// - Errors: `Corrupt` if it is not what its hash says.
pub(super) async fn read(store: &dyn Store, hash: &str) -> Result<Option<Bytes>> {
    let Some(found) = store.get(record::content_key(hash).as_bytes()).await? else {
        return Ok(None);
    };
    let content: Content = record::read("a content", &found)?;
    let mut chunks = Vec::new();
    let mut scan = Scan::prefix(record::chunk_prefix(hash));
    loop {
        let page = store.scan(scan).await?;
        chunks.extend(page.entries.into_iter().map(|(_, chunk)| chunk));
        match page.next {
            Some(next) => scan = Scan::prefix(record::chunk_prefix(hash)).after(next),
            None => break,
        }
    }
    let size = usize::try_from(content.size).unwrap_or(usize::MAX);
    let wanted = hash.to_owned();
    let unpacked = aside(size, move || {
        unpacked(&content, chunks).filter(|bytes| is(bytes, &wanted))
    });
    match unpacked.await? {
        Some(bytes) => Ok(Some(bytes)),
        // It went between two looks.
        None if store
            .get(record::content_key(hash).as_bytes())
            .await?
            .is_none() =>
        {
            Ok(None)
        }
        None => Err(
            error!(Corrupt, "the content {hash} of an artifact is damaged")
                .with("content_hash", hash),
        ),
    }
}

fn is(bytes: &[u8], hash: &str) -> bool {
    blake3::hash(bytes).to_hex().as_str() == hash
}

fn unpacked(content: &Content, chunks: Vec<Vec<u8>>) -> Option<Bytes> {
    let size = usize::try_from(content.size).ok()?;
    if chunks.len() != size.div_ceil(CHUNK) {
        return None;
    }
    let mut bytes = vec![0; size];
    for (place, chunk) in bytes.chunks_mut(CHUNK).zip(&chunks) {
        let written = match content.lz4 {
            true => lz4_flex::block::decompress_into(chunk, place).ok()?,
            false if chunk.len() == place.len() => {
                place.copy_from_slice(chunk);
                chunk.len()
            }
            false => return None,
        };
        if written != place.len() {
            return None;
        }
    }
    Some(bytes.into())
}

/// Does work with many bytes where it keeps no one else waiting.
async fn aside<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    if bytes < LARGE || tokio::runtime::Handle::try_current().is_err() {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| error!(Bug, "a content could not be packed").source(cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_store::Memory;

    async fn check(content: Vec<u8>, threshold: u64, lz4: bool) {
        let store = Memory::new();
        let packed = Packed::new(content.clone().into(), threshold)
            .await
            .unwrap();
        let record = packed.record();
        assert_eq!(record.lz4, lz4);
        assert_eq!(record.size, content.len() as u64);
        assert!(lz4 == (record.stored < record.size));
        let batch = Batch::new().put(
            record::content_key(&packed.hash),
            record::write(&record).unwrap(),
        );
        store.apply(packed.put(batch)).await.unwrap();
        let back = read(&store, &packed.hash).await.unwrap();
        assert_eq!(back.as_deref(), Some(&content[..]));
        store
            .apply(delete(Batch::new(), &packed.hash, &record))
            .await
            .unwrap();
        assert_eq!(store.scan(Scan::prefix("")).await.unwrap().entries, []);
        assert_eq!(read(&store, &packed.hash).await.unwrap(), None);
    }

    #[tokio::test]
    async fn contents_come_back_byte_for_byte() {
        let noise: Vec<u8> = (0..3u64)
            .flat_map(|n| {
                let mut bytes = vec![0; CHUNK];
                let mut hasher = blake3::Hasher::new();
                hasher.update(&n.to_le_bytes());
                hasher.finalize_xof().fill(&mut bytes);
                bytes
            })
            .collect();
        check(Vec::new(), 0, false).await;
        check(b"short".to_vec(), 10, false).await;
        check(vec![7; 2_500_001], 10, true).await;
        check(vec![7; 2_500_001], u64::MAX, false).await;
        check(vec![7; CHUNK], 10, true).await;
        check(noise, 10, false).await;
    }

    #[tokio::test]
    async fn damage_is_told() {
        for lz4 in [true, false] {
            let store = Memory::new();
            let threshold = if lz4 { 1 } else { u64::MAX };
            let packed = Packed::new(vec![7; 5000].into(), threshold).await.unwrap();
            let batch = Batch::new()
                .put(
                    record::content_key(&packed.hash),
                    record::write(&packed.record()).unwrap(),
                )
                .put(record::chunk_key(&packed.hash, 0), vec![1; 5000]);
            store.apply(batch).await.unwrap();
            let error = read(&store, &packed.hash).await.unwrap_err();
            assert_eq!(error.kind(), llmspell_core::Kind::Corrupt);
        }
    }
}
