//! Logs: on standard error, one event a line.

use std::io::{IsTerminal as _, stderr};
use std::panic;

use shipstack_types::LogFormat;
use tracing::error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error(
        "SHIPSTACK_LOG: “{filter}” is not acceptable: it has to be a level or directives such as info,shipstack_state=debug"
    )]
    Filter {
        /// What was given.
        filter: String,
        /// What the parser says.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Something else in this process logs already.
    #[error("logging is set up already")]
    Twice,
}

/// Logs what `filter` lets pass, for the rest of the process's life, panics included. Without a format: pretty when
/// standard error is a terminal, else JSON.
pub fn init(filter: &str, format: Option<LogFormat>) -> Result<(), TelemetryError> {
    let fitting = if stderr().is_terminal() { LogFormat::Pretty } else { LogFormat::Json };
    let filter = parse(filter)?;
    let subscriber = subscriber(filter, format.unwrap_or(fitting), stderr);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::Twice)?;
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("something that is no text");
        error!(place, "panicked: {text}");
    }));
    Ok(())
}

fn parse(filter: &str) -> Result<EnvFilter, TelemetryError> {
    let wrong = |source| TelemetryError::Filter { filter: filter.to_owned(), source };
    EnvFilter::builder().parse(filter).map_err(wrong)
}

fn subscriber<W>(
    filter: EnvFilter,
    format: LogFormat,
    writer: W,
) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let base = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Pretty => Box::new(base.with_target(false).with_ansi(stderr().is_terminal()).finish()),
        LogFormat::Json => Box::new(base.json().flatten_event(true).with_span_list(false).finish()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: LogFormat) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let subscriber = subscriber(parse(filter).unwrap(), format, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(worker.id = "w-1", "took {}", "a job\nand more");
            tracing::debug!("detail");
            let id = "k3v9x2m7q4tzb8wd".parse().unwrap();
            crate::deployment_span("build", &id).in_scope(|| tracing::debug!("within"));
        });
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_a_line_with_fields_at_the_top() {
        let text = logged("info", LogFormat::Json);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.contains(r#""worker.id":"w-1""#) && text.contains(r#""message":"took a job\nand more""#),
            "{text}"
        );
    }

    #[test]
    fn a_line_within_a_deployment_names_it_and_its_trace() {
        let text = logged("debug", LogFormat::Json);
        let line = text.lines().find(|line| line.contains("within")).unwrap();
        assert!(line.contains(r#""deployment.id":"k3v9x2m7q4tzb8wd""#), "{line}");
        assert!(line.contains(r#""trace.id":"#) && line.contains(r#""step":"build""#), "{line}");
    }

    #[test]
    fn the_filter_decides_what_is_logged() {
        assert!(logged("debug", LogFormat::Pretty).contains("detail"));
        assert!(logged("off", LogFormat::Pretty).is_empty());
        let error = parse("info,=").unwrap_err().to_string();
        assert!(error.starts_with("SHIPSTACK_LOG: ") && error.lines().count() == 1, "{error}");
    }
}
