//! One file of the dashboard, with what browsers have to be told about it.

use super::{export, policy};
use actix_web::web::Bytes;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::io::Write as _;
use std::sync::OnceLock;

/// A name with a hash in it never means anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, and asked for again each time: an update of the program is seen at once.
const ASK_AGAIN: &str = "no-cache";

/// A file and its headers.
pub(super) struct Asset {
    bytes: Bytes,
    /// Made when it is first asked for.
    gzip: OnceLock<Option<Bytes>>,
    pub(super) content_type: &'static str,
    pub(super) cache: &'static str,
    pub(super) etag: String,
    /// Of pages.
    pub(super) policy: Option<String>,
}

impl Asset {
    pub(super) fn new(path: &str, data: Cow<'static, [u8]>) -> Self {
        let content_type = content_type(path);
        let is_page = content_type.starts_with("text/html");
        Self {
            content_type,
            cache: if export::is_hashed(path) { FOR_EVER } else { ASK_AGAIN },
            etag: format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&data))),
            policy: is_page.then(|| policy::of_page(&String::from_utf8_lossy(&data))),
            gzip: OnceLock::new(),
            bytes: match data {
                Cow::Borrowed(data) => Bytes::from_static(data),
                Cow::Owned(data) => Bytes::from(data),
            },
        }
    }

    /// As it is.
    pub(super) fn plain(&self) -> Bytes {
        self.bytes.clone()
    }

    /// Compressed; `None` for what does not get smaller.
    pub(super) fn gzip(&self) -> Option<Bytes> {
        self.gzip.get_or_init(|| compress(&self.bytes)).clone()
    }
}

fn compress(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < bytes.len()).then(|| compressed.into())
}

/// Few kinds, and all of them ours.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}
