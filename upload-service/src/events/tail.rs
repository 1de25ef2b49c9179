//! One reader's way through the events.

use super::channel::Channel;
use crate::openapi::{DeploymentChanged, DeploymentDeleted};
use crate::streams::OpenStream;
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde_json::json;
use shipstack_http::{SSE_HEARTBEAT, SseText};
use shipstack_service::CancellationToken;
use shipstack_state::{Change, EventWatch, State, StateError, StateEvent};
use std::time::{Duration, Instant};

/// Events read in one piece.
const PAGE: usize = 500;
/// Longest wait for a wake-up that may have been lost.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Events are gathered for so long: a storm of them costs Redis ten looks a second and reader.
const GATHER: Duration = Duration::from_millis(100);

pub(super) struct EventTail {
    state: State,
    channel: Channel,
    /// Where to go on; without one the reader is told to begin anew.
    cursor: Option<String>,
    watch: EventWatch,
    stopping: CancellationToken,
    spoke: Instant,
}

impl EventTail {
    /// Redis is not asked yet: a browser that is refused once does not come back, one that waits hears everything.
    pub(super) fn new(
        state: State,
        channel: Channel,
        cursor: Option<String>,
        stopping: &CancellationToken,
    ) -> Self {
        let (watch, stopping) = (state.watch_events(), stopping.clone());
        Self { state, channel, cursor, watch, stopping, spoke: Instant::now() }
    }

    /// The text of the stream, up to the end of the service.
    pub(super) fn into_stream(self, place: OpenStream) -> impl Stream<Item = Result<Bytes, StateError>> {
        stream::try_unfold((self, place), |(mut tail, place)| async move {
            Ok(tail.next().await?.map(|text| (Bytes::from(text), (tail, place))))
        })
    }

    async fn next(&mut self) -> Result<Option<SseText>, StateError> {
        while !self.stopping.is_cancelled() {
            match self.look().await {
                Ok(Some(text)) => return Ok(Some(self.say(text))),
                Ok(None) => {}
                Err(error) if error.is_unavailable() => {
                    tracing::debug!(%error, "events are read on as soon as they can be");
                }
                Err(error) => return Err(error),
            }
            if self.spoke.elapsed() >= SSE_HEARTBEAT {
                let beat = SseText::default().heartbeat();
                // Others' events move the cursor too: who comes back later need not be told to begin anew.
                let beat = self.cursor.iter().fold(beat, |beat, cursor| beat.place(cursor));
                return Ok(Some(self.say(beat)));
            }
            self.wait().await;
        }
        Ok(None)
    }

    /// What happened since the last look, if anything did.
    async fn look(&mut self) -> Result<Option<SseText>, StateError> {
        while let Some(cursor) = &self.cursor {
            let Some(page) = self.state.events(cursor, PAGE).await? else { break };
            let any = page.next != *cursor;
            self.cursor = Some(page.next);
            let mut heard = page.events.iter().filter(|event| self.channel.has(&event.id)).peekable();
            if heard.peek().is_some() {
                return Ok(Some(heard.fold(SseText::default(), write)));
            }
            if !any {
                return Ok(None);
            }
        }
        let newest = self.state.newest_event().await?;
        let text = SseText::default().event(Some(&newest), "reset", "{}");
        self.cursor = Some(newest);
        Ok(Some(text))
    }

    fn say(&mut self, text: SseText) -> SseText {
        self.spoke = Instant::now();
        text
    }

    async fn wait(&mut self) {
        let left = SSE_HEARTBEAT.saturating_sub(self.spoke.elapsed());
        let changed = async {
            self.watch.changed(left.min(LOOK_AGAIN)).await;
            tokio::time::sleep(GATHER).await;
        };
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = changed => {}
        }
    }
}

fn write(text: SseText, event: &StateEvent) -> SseText {
    if event.change == Change::Deleted {
        let data = json!(DeploymentDeleted { id: event.id.clone() });
        return text.event(Some(&event.cursor), "deleted", &data.to_string());
    }
    let phase = (!event.status.is_terminal()).then_some(event.phase);
    let data = json!(DeploymentChanged { id: event.id.clone(), status: event.status, phase });
    text.event(Some(&event.cursor), "deployment", &data.to_string())
}
