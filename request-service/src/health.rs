//! What `/readyz` looks at, and `/tls-ask`: on an address of their own, so that no site can shadow them.

use crate::app::App;
use crate::sites::Known;
use crate::visit;
use actix_web::{HttpResponse, web};
use shipstack_http::{Authority, Check, Checks};
use shipstack_rules::Host;
use shipstack_storage::Store;
use std::collections::HashMap;
use std::time::Duration;

/// The store has to answer within this to count as there.
const STORE_PATIENCE: Duration = Duration::from_secs(3);
const REMEDY: &str =
    "Check AWS_BUCKET, AWS_ENDPOINT_URL and the keys, or SHIPSTACK_DATA_DIR; known sites are served on.";

/// The routes that only this service has.
pub(crate) fn routes(app: web::Data<App>) -> impl Fn(&mut web::ServiceConfig) + Clone + Send {
    move |config| {
        config.app_data(app.clone()).route("/tls-ask", web::get().to(tls_ask));
    }
}

/// The store is all that sites need.
pub(crate) fn checks(store: &Store) -> Checks {
    let store = store.clone();
    Checks::of(move || {
        let store = store.clone();
        async move { vec![check(&store).await] }
    })
}

async fn check(store: &Store) -> Check {
    match tokio::time::timeout(STORE_PATIENCE, store.check()).await {
        Ok(Ok(())) => Check::ok("store", "answers"),
        Ok(Err(error)) => Check::broken("store", crate::respond::causes(&error), REMEDY),
        Err(_) => Check::broken("store", "does not answer in time", REMEDY),
    }
}

/// Whether a certificate may be asked for: only for the serving domain itself and for sites that exist, or anybody could make
/// the ingress ask for certificates without end.
async fn tls_ask(app: web::Data<App>, query: web::Query<HashMap<String, String>>) -> HttpResponse {
    let authority: Option<Authority> = query.get("domain").and_then(|domain| domain.parse().ok());
    match authority.map(|authority| visit::host(&authority, &app)) {
        Some(Host::Bare) => HttpResponse::Ok().finish(),
        Some(Host::Deployment(id)) => match app.sites.find(&id).await {
            Ok(known) if matches!(*known, Known::Unknown) => HttpResponse::NotFound().finish(),
            Ok(_) => HttpResponse::Ok().finish(),
            Err(_) => HttpResponse::ServiceUnavailable().finish(),
        },
        Some(Host::Address(_) | Host::Unknown) => HttpResponse::NotFound().finish(),
        None => HttpResponse::BadRequest().finish(),
    }
}
