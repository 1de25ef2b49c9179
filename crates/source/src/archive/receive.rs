//! From a body that arrives to a snapshot.

use super::body::{Body, Piece};
use super::bounded::{Bounded, Bounds, Counted, WorkTime};
use super::gather::{Gathered, Gatherer};
use super::header::Members;
use super::intake::ArchiveIntake;
use super::kind::peek;
use super::{ArchiveError, ArchiveKind};
use crate::contents::copy_slice;
use crate::snapshot::write::write;
use crate::{Snapshot, Spool};
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use futures_util::{Stream, StreamExt};
use shipstack_types::ArchiveLimits;
use std::io::{BufRead, Read};
use tokio::sync::mpsc;

/// Pieces of the body on their way; when the reader is slower the client waits.
const PIECES_AHEAD: usize = 16;

/// Takes an archive in. Dropping the future ends the work; no file outlives either.
///
/// The body's own deadline is the caller's; time spent waiting for it does not count against the archive's.
pub async fn receive_archive<S, E>(
    body: S,
    intake: ArchiveIntake,
    spool: &Spool,
) -> Result<Snapshot, ArchiveError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (pieces, received) = mpsc::channel(PIECES_AHEAD);
    let limit = intake.archive.body_bytes;
    let spool = spool.clone();
    let work = tokio::task::spawn_blocking(move || take_in(received, &intake, &spool));
    let fed = tokio::select! {
        fed = feed(body, &pieces, limit) => fed,
        // Refused already: a client that sends slowly need not send the rest.
        () = pieces.closed() => Ok(()),
    };
    drop(pieces);
    let taken = work.await.map_err(|error| ArchiveError::Disk(error.into()))?;
    // A refusal found in the content is the better answer than a body that was not read to its end.
    match (fed, taken) {
        (Err(error), Err(ArchiveError::Body(_)) | Ok(_)) => Err(error),
        (_, taken) => taken,
    }
}

/// Passes the body on until it ends, is too large, or nobody wants more of it.
async fn feed<S, E>(mut body: S, pieces: &mpsc::Sender<Piece>, limit: u64) -> Result<(), ArchiveError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut arrived: u64 = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| ArchiveError::Body(error.into()))?;
        arrived = arrived.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if arrived > limit {
            return Err(ArchiveError::BodyTooLarge { limit });
        }
        if pieces.send(Piece::Data(chunk)).await.is_err() {
            return Ok(());
        }
    }
    // The other side may have refused already; its answer says so.
    let _ = pieces.send(Piece::End).await;
    Ok(())
}

fn take_in(
    pieces: mpsc::Receiver<Piece>,
    intake: &ArchiveIntake,
    spool: &Spool,
) -> Result<Snapshot, ArchiveError> {
    let time = WorkTime::start(&intake.archive);
    let (body, taken) = Counted::new(Body::new(pieces, time.clone()));
    let (start, body) = peek(body)?;
    let kind =
        ArchiveKind::of(&start).filter(|kind| intake.declared.is_none_or(|declared| declared == *kind));
    let input = decompress(kind.ok_or(ArchiveError::UnsupportedType)?, body, &intake.archive)?;
    let bounds = Bounds { total: inside_limit(intake), ratio: intake.archive.ratio, time: time.clone() };
    let mut members = Members::new(Bounded::new(input, taken, bounds), intake.archive.extension_bytes);
    let contents = spool.unlinked().map_err(ArchiveError::Disk)?;
    let gatherer = Gatherer::new(contents, &intake.source, intake.use_as, time);
    let Gathered { index, mut contents, warnings } = gatherer.gather(&mut members)?;
    let copied =
        write(index, spool, warnings, |file, sink| copy_slice(&mut contents, file.content, file.bytes, sink));
    copied.map_err(ArchiveError::Disk)
}

fn decompress(
    kind: ArchiveKind,
    body: impl BufRead + 'static,
    limits: &ArchiveLimits,
) -> Result<Box<dyn Read>, ArchiveError> {
    Ok(match kind {
        ArchiveKind::Tar => Box::new(body),
        ArchiveKind::Gzip => {
            Box::new(std::io::BufReader::with_capacity(64 * 1024, MultiGzDecoder::new(body)))
        }
        ArchiveKind::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(body)?;
            decoder.window_log_max(limits.zstd_window_log)?;
            Box::new(decoder)
        }
    })
}

/// What may come out of the decompressor: the files, a header and padding for each, and what is passed over.
fn inside_limit(intake: &ArchiveIntake) -> u64 {
    let overhead = intake.source.files.saturating_mul(4 * 1024);
    intake.source.total_bytes.saturating_add(overhead)
}
