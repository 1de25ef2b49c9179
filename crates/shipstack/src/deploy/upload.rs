//! The body of an upload, with a bar on a terminal.

use futures_util::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Body;
use tokio_util::io::ReaderStream;

use super::pack::Packed;

/// As a person reads it; where standard error is no terminal nothing is drawn.
const BAR: &str = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec}";

/// The packed folder as a body that tells how far it is.
pub(super) fn body(packed: Packed) -> Body {
    let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(packed.bytes).with_style(style);
    let pieces = ReaderStream::new(tokio::fs::File::from_std(packed.into_file()));
    let counted = bar.clone();
    let pieces = pieces.inspect_ok(move |piece| counted.inc(piece.len() as u64));
    Body::wrap_stream(futures_util::StreamExt::chain(pieces, clear(bar)))
}

/// Nothing, and the bar is gone.
fn clear<T>(bar: ProgressBar) -> impl futures_util::Stream<Item = T> {
    futures_util::stream::poll_fn(move |_| {
        bar.finish_and_clear();
        std::task::Poll::Ready(None)
    })
}
