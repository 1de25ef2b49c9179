//! What `/readyz` looks at, and `/tls-ask`: on an address of their own, so that no site can shadow them.

use crate::app::App;
use crate::tls_ask::{Budget, tls_ask};
use actix_web::web;
use shipstack_http::{Check, Checks};
use shipstack_service::causes;
use shipstack_storage::Store;
use std::time::Duration;

/// The store has to answer within this to count as there.
const STORE_PATIENCE: Duration = Duration::from_secs(3);
const REMEDY: &str =
    "Check AWS_BUCKET, AWS_ENDPOINT_URL and the keys, or SHIPSTACK_DATA_DIR; known sites are served on.";

/// The routes that only this service has.
pub(crate) fn routes(app: web::Data<App>) -> impl Fn(&mut web::ServiceConfig) + Clone + Send {
    let budget = web::Data::new(Budget::new());
    move |config| {
        config.app_data(app.clone()).app_data(budget.clone()).route("/tls-ask", web::get().to(tls_ask));
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
        Ok(Err(error)) => Check::broken("store", causes(&error), REMEDY),
        Err(_) => Check::broken("store", "does not answer in time", REMEDY),
    }
}
