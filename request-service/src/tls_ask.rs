//! `/tls-ask?domain=`: whether the ingress may get a certificate for a name.
//!
//! Guarantees: yes only for the serving domain itself and for what is served under it, or will be; anybody can open TLS
//! connections for names of their invention, so names that are not remembered cost a bounded number of look-ups a second.

use crate::app::App;
use crate::sites::Known;
use crate::visit;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, web};
use shipstack_http::Authority;
use shipstack_rules::Host;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Names a second that may be looked up in the store. Every site that is really new needs one; floods get the rest.
const LOOKUPS: u32 = 20;
const WINDOW: Duration = Duration::from_secs(1);

/// Look-ups that are left in the running second.
pub(crate) struct Budget(Mutex<(Instant, u32)>);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(Mutex::new((Instant::now(), LOOKUPS)))
    }

    /// Takes one; `false` when there is none left.
    fn take(&self, now: Instant) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun, left) = &mut *window;
        if now.saturating_duration_since(*begun) >= WINDOW {
            (*begun, *left) = (now, LOOKUPS);
        }
        let taken = left.checked_sub(1);
        *left = taken.unwrap_or(0);
        taken.is_some()
    }
}

/// Answers the ingress.
pub(crate) async fn tls_ask(
    app: web::Data<App>,
    budget: web::Data<Budget>,
    query: web::Query<HashMap<String, String>>,
) -> HttpResponse {
    let authority: Option<Authority> = query.get("domain").and_then(|domain| domain.parse().ok());
    match authority.map(|authority| visit::host(&authority, &app)) {
        Some(Host::Bare) => HttpResponse::Ok().finish(),
        Some(Host::Deployment(id)) => {
            if !app.sites.remembers(&id) && !budget.take(Instant::now()) {
                return HttpResponse::TooManyRequests().insert_header((RETRY_AFTER, "1")).finish();
            }
            match app.sites.find(&id).await.as_deref() {
                Ok(Known::Ready(_) | Known::Legacy(_) | Known::Building) => HttpResponse::Ok().finish(),
                Ok(Known::Ended(_) | Known::Unknown) => HttpResponse::NotFound().finish(),
                Err(_) => HttpResponse::ServiceUnavailable().finish(),
            }
        }
        Some(Host::Address(_) | Host::Unknown) => HttpResponse::NotFound().finish(),
        None => HttpResponse::BadRequest().finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_names_is_looked_up_so_often_a_second_and_no_more() {
        let budget = Budget::new();
        let start = Instant::now();
        let granted = |at: Instant| (0..1000).filter(|_| budget.take(at)).count();
        assert_eq!(granted(start), 20);
        assert_eq!(granted(start + WINDOW / 2), 0);
        assert_eq!(granted(start + WINDOW * 2), 20);
    }
}
