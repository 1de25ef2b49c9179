//! Actix glue: problems, limits, request ids, who may call, health.
//!
//! **For**: what every HTTP edge of ours needs and no handler should write again. An API wraps its app in five layers,
//! innermost first: [`head_as_get`], [`guard`], [`rate_limit`], [`cors`], [`envelope`].
//! **Guarantees**: a refusal has one form whatever refused ([`Problem`]); a body is capped in size, in time and in
//! slowness before it is parsed; who may call is decided before any handler runs, from the peer and the strictly parsed
//! `Host`; causes go to the log with the request's id and never to the client.
//! **Is not**: a router, and not for deployed sites: those are answered by request-service's own rules.

mod accept;
mod api_guard;
mod authority;
mod body;
mod buckets;
mod client;
mod client_places;
mod cors;
mod door;
mod envelope;
mod head;
mod health;
mod health_server;
mod json;
mod listen;
mod origin;
mod pace;
mod paced;
mod problem;
mod rate_limit;
mod relayed;
mod request_id;
mod session;
mod sse;
mod stalled;
mod token;

pub use accept::preferred;
pub use api_guard::{ApiGuard, OpenPath, guard};
pub use authority::{Authority, BadHost, Host, request_authority};
pub use body::{BodyLimits, CappedBody};
pub use client_places::ClientPlaces;
pub use cors::cors;
pub use door::Door;
pub use envelope::{Envelope, envelope};
pub use head::head_as_get;
pub use health::{classic_health, livez, metrics, readyz};
pub use health_server::{Checks, health_server, serve_until};
pub use json::read_json;
pub use listen::{Exposure, ListenError, bind};
pub use pace::MinimumRate;
pub use paced::Paced;
pub use problem::{ApiResult, Problem, ProblemDocument};
pub use rate_limit::{IsDeployment, RateLimits, rate_limit};
pub use relayed::relayed;
pub use request_id::RequestId;
pub use session::SESSION_COOKIE;
pub use shipstack_types::Check;
pub use sse::{EVENT_STREAM, SSE_HEARTBEAT, SseText, last_event_id, sse_response};
pub use stalled::give_up_on_stalled_readers;
