//! `Idempotency-Key`: a request that is repeated because its answer was lost gives the same deployment (promise 22).

use crate::app::App;
use crate::{id, problems, trace};
use actix_web::HttpRequest;
use serde_json::Value;
use shipstack_http::Problem;
use shipstack_records::{NewDeployment, Reserving};
use shipstack_service::DeploymentTrace;
use shipstack_types::{Birth, BuildOptions, Code, DeploymentId, IdempotencyMark, Sha256Digest};
use std::time::Duration;
use tracing::Span;

/// The header.
const HEADER: &str = "idempotency-key";
/// Longest key: a UUID has 36 characters, and nobody needs a book.
const MAX_KEY: usize = 255;

/// What a request leads to.
pub(crate) enum Asked {
    /// A new deployment is to be made with this.
    New(Box<NewDeployment>),
    /// The same was asked before, and this came of it.
    Before(Box<Birth>),
}

/// Looks whether this was asked before. `what` is everything that the request asks for.
pub(crate) async fn ask(
    app: &App,
    request: &HttpRequest,
    what: &Value,
    build: BuildOptions,
) -> Result<Asked, Problem> {
    let Some(key) = key_of(request)? else {
        return Ok(begin(request, id::mint(), build, None));
    };
    app.until_indexed().await?;
    let mark = IdempotencyMark { key, request: Sha256Digest::of(what.to_string().as_bytes()) };
    let reserving = app.records.reserve_key(mark, id::mint()).await;
    match reserving.map_err(|error| problems::from_records(&error))? {
        Reserving::Go(id) => Ok(begin(request, id, build, Some(mark))),
        Reserving::Done(birth) => Ok(Asked::Before(birth)),
        Reserving::Reused => Err(Problem::new(Code::KeyReused)),
        Reserving::Deleted => Err(Problem::new(Code::KeyReused)
            .detail("The deployment that this idempotency key made was deleted.")),
    }
}

/// A new deployment, in the trace that the request came with.
fn begin(
    request: &HttpRequest,
    id: DeploymentId,
    build: BuildOptions,
    idempotency: Option<IdempotencyMark>,
) -> Asked {
    let traceparent = trace::caller(request);
    DeploymentTrace::new(&id, traceparent.as_ref()).begins_in(&Span::current());
    Asked::New(Box::new(NewDeployment { id, build, idempotency, traceparent }))
}

fn key_of(request: &HttpRequest) -> Result<Option<Sha256Digest>, Problem> {
    let mut values = request.headers().get_all(HEADER);
    let Some(key) = values.next() else { return Ok(None) };
    let legal = |key: &[u8]| (1..=MAX_KEY).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if values.next().is_some() || !legal(key.as_bytes()) {
        let detail = "Idempotency-Key is one text of 1 to 255 visible ASCII characters.";
        return Err(Problem::new(Code::InvalidOption)
            .detail(detail)
            .remedy("Send a new UUID for each deployment."));
    }
    Ok(Some(Sha256Digest::of(key.as_bytes())))
}

impl App {
    /// Keys come back with the index: before it is complete nobody can say whether one was used.
    async fn until_indexed(&self) -> Result<(), Problem> {
        const LOOK_EVERY: Duration = Duration::from_millis(100);
        const LOOKS: u32 = 20;
        for _ in 0..LOOKS {
            let complete = self.records.state.index_complete().await;
            if complete.map_err(|error| problems::from_records(&error.into()))? {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(Problem::new(Code::RedisUnavailable)
            .detail("The state is being rebuilt from the object store.")
            .retry_after(Duration::from_secs(2)))
    }
}
