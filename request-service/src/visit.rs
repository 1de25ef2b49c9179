//! One request, from its head to its answer, in the order of serving.md §1.

use crate::app::App;
use crate::limits;
use crate::pages::Page;
use crate::refusal::refuse;
use crate::respond::{Wants, options, redirect, respond};
use crate::sites::Known;
use actix_web::body::{BodySize, MessageBody as _};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use shipstack_http::{Authority, request_authority};
use shipstack_rules::{
    Answer, Conditions, File, Files, Host, Indexing, Intent, Request, Route, Site, answer, route,
};
use shipstack_service::metrics::status_class;
use shipstack_service::{Metric, causes};
use shipstack_storage::ObjectKey;
use shipstack_types::{DeploymentId, SiteRules, Timestamp};
use tracing::{Instrument as _, info, warn};

/// Answers a visitor.
pub(crate) async fn visit(request: HttpRequest, body: web::Payload, app: web::Data<App>) -> HttpResponse {
    let answer = answered(&request, &app).await.unwrap_or_else(|page| refuse(page, body));
    count(&request, &answer);
    answer
}

fn count(request: &HttpRequest, answer: &HttpResponse) {
    Metric::SitesAnswered.add(1, &[status_class(answer.status().as_u16())]);
    if let (false, BodySize::Sized(bytes)) = (request.method() == Method::HEAD, answer.body().size()) {
        Metric::SitesBytes.add(bytes, &[]);
    }
}

async fn answered(request: &HttpRequest, app: &App) -> Result<HttpResponse, Page> {
    limits::check(request)?;
    // Forwarding headers name no site: a proxy passes the visitor's own Host on.
    let authority = request_authority(request, &[]).map_err(|_| Page::BadHost)?;
    let wants = match request.method().as_str() {
        "GET" => Wants::Everything,
        "HEAD" => Wants::HeadersOnly,
        "OPTIONS" => return Ok(options()),
        _ => return Err(Page::MethodNotAllowed),
    };
    let uri = request.uri();
    match route(&host(&authority, app), uri.path(), uri.query(), app.query_routing) {
        Route::Serve(id) => serve(request, app, &id, wants).await,
        Route::ToOwnHost { id, path_and_query } => {
            let location = app.own_host(&id, authority.port) + &path_and_query;
            Ok(redirect(StatusCode::FOUND, &location))
        }
        Route::NoId => Err(Page::NoId),
        Route::Unknown => Err(Page::UnknownSite),
    }
}

/// What the parsed host names here.
pub(crate) fn host(authority: &Authority, app: &App) -> Host {
    match &authority.host {
        shipstack_http::Host::Name(name) => Host::of_name(name, &app.domain),
        shipstack_http::Host::Ip(address) => Host::Address(*address),
    }
}

async fn serve(
    request: &HttpRequest,
    app: &App,
    id: &DeploymentId,
    wants: Wants,
) -> Result<HttpResponse, Page> {
    let known = app.sites.find(id).await.map_err(|error| {
        warn!(deployment.id = %id, cause = %causes(error.as_ref()), "a site cannot be looked up");
        Page::StoreAway
    })?;
    match known.as_ref() {
        Known::Ready(ready) => {
            let site = site(&ready.manifest, &ready.manifest.rules, Some(ready.published_at));
            let key = |file: &File<'_>| ObjectKey::Artifact {
                id: id.clone(),
                claim: ready.claim,
                path: file.path.clone(),
            };
            let answered = respond(app, decide(request, &site), wants, key);
            match ready.first_visit() {
                Some(span) => {
                    span.in_scope(|| info!("first visit"));
                    answered.instrument(span).await
                }
                None => answered.await,
            }
        }
        Known::Legacy(files) => {
            let rules = SiteRules::default();
            let key = |file: &File<'_>| ObjectKey::LegacyArtifact { id: id.clone(), path: file.path.clone() };
            respond(app, decide(request, &site(files, &rules, None)), wants, key).await
        }
        Known::Building => Err(Page::Building),
        Known::Ended(state) => Err(Page::Ended(*state)),
        Known::Unknown => Err(Page::UnknownSite),
    }
}

/// All hosts here are immutable deployments, which search engines leave alone.
fn site<'a, F: Files>(files: &'a F, rules: &'a SiteRules, modified: Option<Timestamp>) -> Site<'a, F> {
    Site { files, rules, modified, indexing: Indexing::Refused }
}

fn decide<'a, F: Files>(request: &HttpRequest, site: &Site<'a, F>) -> Answer<'a> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let intent = Intent { accept: header("accept"), sec_fetch_mode: header("sec-fetch-mode") };
    let conditions = Conditions {
        if_match: header("if-match"),
        if_none_match: header("if-none-match"),
        if_modified_since: header("if-modified-since"),
    };
    let (method, uri) = (request.method().as_str(), request.uri());
    answer(&Request { method, path: uri.path(), query: uri.query(), intent, conditions }, site)
}
