//! A log line as one JSON object, with everything that is known of it at the top.
//!
//! Guarantees: a field has one place, whether the event itself says it or a span around it, however deep: so
//! `select(."deployment.id" == "…")` finds every line of a deployment. Tracing's own form has what a span says in an object
//! of its own, and only what the innermost one says.

use std::fmt::Result;

use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields as _, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

pub(crate) struct JsonLines;

impl<S> FormatEvent<S, JsonFields> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> Result {
        // When and how bad come first: a person may read it too.
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\",", event.metadata().level())?;
        let rest = Value::Object(fields(context, event)?).to_string();
        writeln!(writer, "{}", rest.strip_prefix('{').unwrap_or(&rest))
    }
}

/// What the event and the spans around it say. The event outweighs its spans, an inner span an outer one.
fn fields<S>(
    context: &FmtContext<'_, S, JsonFields>,
    event: &Event<'_>,
) -> std::result::Result<Map<String, Value>, std::fmt::Error>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut fields = Map::new();
    for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
        if let Some(said) = span.extensions().get::<FormattedFields<JsonFields>>() {
            fields.extend(parsed(said));
        }
    }
    let mut said = String::new();
    context.format_fields(Writer::new(&mut said), event)?;
    fields.extend(parsed(&said));
    fields.insert("target".to_owned(), event.metadata().target().into());
    Ok(fields)
}

/// Fields as tracing wrote them, an object always.
fn parsed(fields: &str) -> Map<String, Value> {
    serde_json::from_str(fields).unwrap_or_default()
}
