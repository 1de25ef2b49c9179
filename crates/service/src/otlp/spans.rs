//! The layer that follows spans and hands those that have ended to the exporter.

use super::open_span::{EndedSpan, OpenSpan};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::Sender;
use tracing::span::{Attributes, Id, Record};
use tracing::{Subscriber, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

pub(super) struct Spans {
    waiting: Sender<EndedSpan>,
    dropped: AtomicU64,
}

impl Spans {
    pub(super) fn new(waiting: Sender<EndedSpan>) -> Self {
        Self { waiting, dropped: AtomicU64::new(0) }
    }

    /// Never waits. The first that is dropped is told, and then every thousandth.
    fn hand_over(&self, span: EndedSpan) {
        if self.waiting.try_send(span).is_ok() {
            return;
        }
        let dropped = self.dropped.fetch_add(1, Ordering::Relaxed);
        if dropped.is_multiple_of(1000) {
            warn!(dropped = dropped.saturating_add(1), "the collector does not keep up: spans are dropped");
        }
    }
}

impl<S> Layer<S> for Spans
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut open = OpenSpan::begin();
        attributes.record(&mut open);
        if let Some(above) = span.parent()
            && let Some(above) = above.extensions().get::<OpenSpan>()
        {
            open.go_below(above);
        }
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<OpenSpan>()
        {
            values.record(open);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let open = context.span(&id).and_then(|span| span.extensions_mut().remove::<OpenSpan>());
        if let Some(span) = open.and_then(OpenSpan::end) {
            self.hand_over(span);
        }
    }
}
