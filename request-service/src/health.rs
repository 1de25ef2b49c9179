//! `/livez`, `/readyz` and `/tls-ask`, on an address of their own, so that no site can shadow them.

use crate::app::App;
use crate::sites::Known;
use crate::visit;
use actix_web::{HttpResponse, web};
use shipstack_http::{Authority, Check, livez, readyz};
use shipstack_rules::Host;
use std::collections::HashMap;
use std::time::Duration;

/// The store has to answer within this to count as there.
const STORE_PATIENCE: Duration = Duration::from_secs(3);

/// The routes of the health server.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/livez", web::get().to(livez))
        .route("/readyz", web::get().to(ready))
        .route("/tls-ask", web::get().to(tls_ask));
}

async fn ready(app: web::Data<App>) -> HttpResponse {
    let check = match tokio::time::timeout(STORE_PATIENCE, app.store.check()).await {
        Ok(Ok(())) => Check::ok("store", "answers"),
        Ok(Err(error)) => Check::broken("store", crate::respond::causes(&error), REMEDY),
        Err(_) => Check::broken("store", "does not answer in time", REMEDY),
    };
    readyz(&[check])
}

const REMEDY: &str =
    "Check AWS_BUCKET, AWS_ENDPOINT_URL and the keys, or SHIPSTACK_DATA_DIR; known sites are served on.";

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
