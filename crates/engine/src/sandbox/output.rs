//! The output of a command, from frames to lines.

use super::pulse::Pulse;
use crate::exec::Frames;
use crate::lines::LineSplitter;
use bollard::container::LogOutput;
use futures_util::StreamExt;
use shipstack_types::{Clock, LogStream, Timestamp};
use tokio::sync::mpsc;

/// One line that a command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputLine {
    /// Standard output or standard error.
    pub stream: LogStream,
    /// The line without its end, at most [`crate::MAX_LINE_BYTES`] and a marker.
    pub text: String,
    /// When its end was read.
    pub at: Timestamp,
}

/// Where lines go: a full channel stalls the build and nothing else, for deadlines run beside it; with the receiver
/// gone the lines are dropped and the build goes on.
pub(super) struct Outlet<'a> {
    pub(super) lines: mpsc::Sender<OutputLine>,
    pub(super) clock: &'a dyn Clock,
    pub(super) pulse: &'a Pulse,
}

impl Outlet<'_> {
    /// Reads to the end.
    pub(super) async fn pump(self, mut frames: Frames) {
        let mut out = LineSplitter::default();
        let mut err = LineSplitter::default();
        while let Some(Ok(frame)) = frames.next().await {
            self.pulse.beat();
            let (splitter, stream) = match &frame {
                LogOutput::StdErr { .. } => (&mut err, LogStream::Stderr),
                _ => (&mut out, LogStream::Stdout),
            };
            let mut lines = Vec::new();
            splitter.push(frame.as_ref(), |line| lines.push(line));
            self.send_all(stream, lines).await;
        }
        self.send_all(LogStream::Stdout, out.finish()).await;
        self.send_all(LogStream::Stderr, err.finish()).await;
    }

    async fn send_all(&self, stream: LogStream, lines: impl IntoIterator<Item = String>) {
        let at = self.clock.now();
        for text in lines {
            let _ = self.lines.send(OutputLine { stream, text, at }).await;
        }
        self.pulse.beat();
    }
}
