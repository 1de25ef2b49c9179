//! A span from its beginning to its end, as far as the trace is concerned.

use shipstack_types::{DeploymentId, TraceParent};
use std::fmt;
use std::time::SystemTime;
use tracing::field::{Field, Visit};

/// What is known of a span that has begun.
#[derive(Debug)]
pub(super) struct OpenSpan {
    started: SystemTime,
    /// Drawn at the beginning, so that spans below it can name it; the request's own follows from the deployment.
    id: String,
    step: String,
    deployment: Option<DeploymentId>,
    trace: Option<String>,
    parent: Option<String>,
    is_root: bool,
    attributes: Vec<(String, String)>,
}

/// A span that has ended.
#[derive(Debug)]
pub(super) struct EndedSpan {
    pub(super) started: SystemTime,
    pub(super) ended: SystemTime,
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) step: String,
    pub(super) attributes: Vec<(String, String)>,
}

impl OpenSpan {
    pub(super) fn begin() -> Self {
        Self {
            started: SystemTime::now(),
            id: format!("{:016x}", u64::from_be_bytes(crate::random()).max(1)),
            step: String::new(),
            deployment: None,
            trace: None,
            parent: None,
            is_root: false,
            attributes: Vec::new(),
        }
    }

    /// Puts it below another one of the same trace.
    pub(super) fn go_below(&mut self, above: &Self) {
        self.parent = Some(above.id.clone());
        self.trace = self.trace.take().or_else(|| above.trace.clone());
        self.deployment = self.deployment.take().or_else(|| above.deployment.clone());
    }

    /// What is exported; `None` for a request that made no deployment.
    pub(super) fn end(self) -> Option<EndedSpan> {
        let own = TraceParent::of(&self.deployment?);
        let parent =
            if self.is_root { self.parent } else { Some(self.parent.unwrap_or(own.span_id().to_owned())) };
        Some(EndedSpan {
            started: self.started,
            ended: SystemTime::now(),
            trace: self.trace.unwrap_or_else(|| own.trace_id().to_owned()),
            id: self.id,
            parent,
            step: self.step,
            attributes: self.attributes,
        })
    }

    fn note(&mut self, name: &str, value: String) {
        match name {
            "step" => self.step = value,
            "trace.id" => self.trace = Some(value),
            "parent.id" => self.parent = Some(value),
            "span.id" => (self.id, self.is_root) = (value, true),
            name => {
                if name == "deployment.id" {
                    self.deployment = value.parse().ok();
                }
                self.attributes.push((name.to_owned(), value));
            }
        }
    }
}

impl Visit for OpenSpan {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field.name(), format!("{value:?}"));
    }
}
