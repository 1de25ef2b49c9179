//! How many requests one client may make in a minute, and how many of those that cost more.
//!
//! Guarantees: it is decided before a body is read, and before the token is looked at, so that a refusal costs nothing; a
//! client is the address that speaks to us, or behind proxies that are trusted the one that they name; what is remembered is
//! capped. Refusals take nothing from what a client may do.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use shipstack_settings::{ApiSettings, Network};
use shipstack_types::Code;

use crate::Problem;
use crate::buckets::Buckets;
use crate::client::client_address;

/// A page of the dashboard asks for some ten things, and a person opens one a second at most.
const REQUESTS: u32 = 1200;
/// One a second: more than people or their CI do, and few enough for the queue of a machine.
const DEPLOYMENTS: u32 = 60;
/// Asked by machines that watch, often, and nearly free.
const NOT_COUNTED: [&str; 2] = ["/livez", "/health"];

/// Says which requests make a deployment.
pub type IsDeployment = fn(&Method, &str) -> bool;

/// The limits, ready to be asked. Goes into the app's data.
#[derive(Debug)]
pub struct RateLimits {
    all: Limit,
    deployments: Limit,
    is_deployment: IsDeployment,
    trusted_proxies: Vec<Network>,
}

#[derive(Debug)]
struct Limit {
    setting: &'static str,
    /// `None` is no limit.
    buckets: Option<Buckets>,
    /// Whether it holds for clients on this machine as well: only when the operator has set it.
    here_too: bool,
}

impl RateLimits {
    /// As the operator's settings have them.
    pub fn new(settings: &ApiSettings, is_deployment: IsDeployment) -> Self {
        Self {
            all: Limit::new("SHIPSTACK_RATE_LIMIT", settings.rate_limit, REQUESTS),
            deployments: Limit::new("SHIPSTACK_DEPLOY_RATE_LIMIT", settings.deploy_rate_limit, DEPLOYMENTS),
            is_deployment,
            trusted_proxies: settings.proxies.trusted_proxies.to_vec(),
        }
    }

    fn check(&self, request: &HttpRequest, now: Instant) -> Result<(), Problem> {
        if NOT_COUNTED.contains(&request.path()) {
            return Ok(());
        }
        // A peer without an address is on this machine.
        let client = client_address(request, &self.trusted_proxies).unwrap_or(Ipv4Addr::LOCALHOST.into());
        self.all.check(client, now)?;
        if (self.is_deployment)(request.method(), request.path()) {
            self.deployments.check(client, now)?;
        }
        Ok(())
    }
}

impl Limit {
    fn new(setting: &'static str, set: Option<u32>, default: u32) -> Self {
        let count = set.unwrap_or(default);
        let buckets = (count > 0).then(|| Buckets::per_minute(count));
        Self { setting, buckets, here_too: set.is_some() }
    }

    fn check(&self, client: IpAddr, now: Instant) -> Result<(), Problem> {
        let Some(buckets) = &self.buckets else { return Ok(()) };
        if client.to_canonical().is_loopback() && !self.here_too {
            return Ok(());
        }
        buckets.take(client, now).map_err(|wait| {
            Problem::new(Code::RateLimited)
                .detail("Too many requests came from this address within a minute.")
                .remedy(format!(
                    "Come back after the seconds in Retry-After; the operator can raise {}.",
                    self.setting
                ))
                .retry_after(wait)
        })
    }
}

/// The layer itself: `.wrap(from_fn(rate_limit))`, outside of the guard, with [`RateLimits`] in the app's data.
pub async fn rate_limit<B: MessageBody>(
    limits: Data<RateLimits>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    match limits.check(request.request(), Instant::now()) {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Err(problem) => {
            let refused: ServiceResponse = request.error_response(problem);
            Ok(refused.map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use shipstack_settings::from_pairs;

    fn limits(pairs: &[(&str, &str)]) -> RateLimits {
        RateLimits::new(&from_pairs(pairs).unwrap(), |method, _| *method == Method::POST)
    }

    fn refused(limits: &RateLimits, request: TestRequest) -> bool {
        limits.check(&request.to_http_request(), Instant::now()).is_err()
    }

    fn from(peer: &str) -> TestRequest {
        TestRequest::default().peer_addr(peer.parse().unwrap())
    }

    #[test]
    fn what_makes_a_deployment_has_a_limit_of_its_own_within_that_of_all_requests() {
        let limits = limits(&[("SHIPSTACK_RATE_LIMIT", "5"), ("SHIPSTACK_DEPLOY_RATE_LIMIT", "2")]);
        let post = || from("192.0.2.7:1").method(Method::POST);
        assert_eq!([(); 3].map(|()| refused(&limits, post())), [false, false, true]);
        let get = || from("192.0.2.7:2");
        assert_eq!([(); 3].map(|()| refused(&limits, get())), [false, false, true]);
        assert!(!refused(&limits, from("192.0.2.8:1")), "somebody else");
        assert!(!refused(&limits, get().uri("/livez")), "probes are not counted");
    }

    #[test]
    fn this_machine_is_limited_only_when_the_operator_says_so() {
        let default = limits(&[]);
        let set = limits(&[("SHIPSTACK_DEPLOY_RATE_LIMIT", "1")]);
        let off = limits(&[("SHIPSTACK_DEPLOY_RATE_LIMIT", "0")]);
        let post = |peer| from(peer).method(Method::POST);
        let count = |limits, peer| (0..100).filter(|_| refused(limits, post(peer))).count();
        assert_eq!(count(&default, "127.0.0.1:1"), 0);
        assert_eq!(count(&default, "192.0.2.7:1"), 40);
        assert_eq!(count(&set, "[::1]:1"), 99);
        assert_eq!(count(&off, "192.0.2.7:1"), 0);
    }

    #[test]
    fn a_forwarding_header_is_believed_from_trusted_proxies_alone() {
        let limits =
            limits(&[("SHIPSTACK_DEPLOY_RATE_LIMIT", "1"), ("SHIPSTACK_TRUSTED_PROXIES", "10.0.0.1")]);
        let forwarded =
            |peer, clients: &str| from(peer).method(Method::POST).insert_header(("x-forwarded-for", clients));
        assert!(!refused(&limits, forwarded("192.0.2.7:1", "198.51.100.1")));
        assert!(refused(&limits, forwarded("192.0.2.7:1", "198.51.100.2")), "a client that names others");
        assert!(!refused(&limits, forwarded("10.0.0.1:1", "198.51.100.1")));
        assert!(refused(&limits, forwarded("10.0.0.1:1", "forged, 198.51.100.1")), "the last hop counts");
        assert!(!refused(&limits, forwarded("10.0.0.1:1", "198.51.100.2")));
    }
}
