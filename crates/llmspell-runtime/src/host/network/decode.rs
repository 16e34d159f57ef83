//! Compressed bodies, and what they may grow to.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use llmspell_core::{Error, Kind, error};
use tokio::io::{AsyncBufRead, BufReader};
use tokio_util::io::{ReaderStream, StreamReader};

/// What requests say that they understand.
pub(super) const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// Most bytes that a byte of a compressed body may stand for.
const MAX_RATIO: u64 = 200;

/// Bytes from which on the ratio counts: small texts may well repeat themselves.
const SMALL: u64 = 1 << 20;

/// Largest window of zstd, as a power of two: senders may not ask for more than 8 MiB (RFC 9659).
const ZSTD_WINDOW: u32 = 23;

/// Most encodings on top of each other.
const MAX_LAYERS: usize = 3;

type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// Undoes the encodings of a body, as its header names them.
///
/// - Errors: in the stream, `Limit` for a body that grows too much, and `Parse` for one that is damaged;
///   `Unavailable` for an encoding that is not known.
pub(super) fn decode(pieces: Pieces, encodings: &str) -> Result<Pieces, Error> {
    let names: Vec<String> = encodings
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    if names.is_empty() {
        return Ok(pieces);
    }
    if names.len() > MAX_LAYERS {
        return Err(error!(
            Limit,
            "the answer is compressed {} times",
            names.len()
        ));
    }
    let received = Arc::new(AtomicU64::new(0));
    let counted = received.clone();
    let pieces = pieces.inspect(move |piece| {
        if let Ok(piece) = piece {
            counted.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
    });
    let mut reader: Pin<Box<dyn AsyncBufRead + Send>> = Box::pin(StreamReader::new(pieces));
    for name in names.iter().rev() {
        reader = match name.as_str() {
            "gzip" | "x-gzip" => {
                let mut decoder = GzipDecoder::new(reader);
                decoder.multiple_members(true);
                Box::pin(BufReader::new(decoder))
            }
            "deflate" => Box::pin(BufReader::new(ZlibDecoder::new(reader))),
            "br" => Box::pin(BufReader::new(BrotliDecoder::new(reader))),
            "zstd" => {
                let window = [DParameter::window_log_max(ZSTD_WINDOW)];
                Box::pin(BufReader::new(ZstdDecoder::with_params(reader, &window)))
            }
            other => {
                return Err(error!(
                    Unavailable,
                    "the answer is compressed with '{other}', which is not known"
                )
                .hint(format!("known are {ACCEPTED}")));
            }
        };
    }
    let mut grown = 0;
    let checked = ReaderStream::with_capacity(reader, 64 << 10).map(move |piece| {
        let piece = piece.map_err(damaged)?;
        grown += piece.len() as u64;
        let most = received.load(Ordering::Relaxed).saturating_mul(MAX_RATIO);
        if grown > SMALL && grown > most {
            return Err(bomb().into());
        }
        Ok(piece)
    });
    Ok(checked.boxed())
}

fn bomb() -> Error {
    error!(
        Limit,
        "the answer grows to more than {MAX_RATIO} times its size when it is decompressed"
    )
    .with("limit", MAX_RATIO)
}

/// Tells a body that cannot be decompressed from a connection that broke.
fn damaged(cause: io::Error) -> io::Error {
    match cause.get_ref() {
        // What the transport said.
        Some(inner) if inner.is::<Error>() => cause,
        _ => Error::new(Kind::Parse, "the answer cannot be decompressed")
            .source(cause)
            .into(),
    }
}
