//! Answers requests that no route of the API took.

use super::asset::Asset;
use super::export::{Found, find, not_found};
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use shipstack_http::{ApiResult, Problem};
use shipstack_types::Code;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const REFERRER_POLICY: HeaderName = HeaderName::from_static("referrer-policy");

/// Whether anyone may read this path without a token: a file of the dashboard, which holds no data.
pub(crate) fn is_open(path: &str) -> bool {
    find(path).is_some()
}

/// The file, or 404: as a page for people, as a problem for programs.
pub(crate) async fn serve(request: HttpRequest) -> ApiResult {
    if *request.method() != Method::GET {
        return Err(Problem::new(Code::NotFound));
    }
    match find(request.path()) {
        Some(Found::Asset(asset)) => Ok(answer(&request, asset, StatusCode::OK)),
        Some(Found::Page) => Ok(with_slash(&request)),
        None => match not_found().filter(|_| wants_page(&request)) {
            Some(page) => Ok(answer(&request, page, StatusCode::NOT_FOUND)),
            None => Err(Problem::new(Code::NotFound)),
        },
    }
}

/// Programs that mistype a path of the API get its kind of refusal, whatever they accept.
fn wants_page(request: &HttpRequest) -> bool {
    let in_api = request.path().starts_with("/v1/") || request.path() == "/v1";
    !in_api && header_has(request.headers(), &header::ACCEPT, "text/html")
}

fn with_slash(request: &HttpRequest) -> HttpResponse {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("{}/{query}", request.path());
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, location)).finish()
}

fn answer(request: &HttpRequest, asset: &Asset, status: StatusCode) -> HttpResponse {
    let is_known =
        status == StatusCode::OK && header_has(request.headers(), &header::IF_NONE_MATCH, &asset.etag);
    let mut response = HttpResponseBuilder::new(if is_known { StatusCode::NOT_MODIFIED } else { status });
    response
        .insert_header((header::CACHE_CONTROL, asset.cache))
        .insert_header((header::ETAG, asset.etag.as_str()))
        .insert_header((header::VARY, "accept-encoding"));
    if let Some(policy) = &asset.policy {
        protect(&mut response, policy);
    }
    if is_known {
        return response.finish();
    }
    response.content_type(asset.content_type);
    let wants_gzip = header_has(request.headers(), &header::ACCEPT_ENCODING, "gzip");
    match asset.gzip().filter(|_| wants_gzip) {
        Some(bytes) => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(bytes),
        None => response.body(asset.plain()),
    }
}

/// A page can be framed by nobody, is alone in its window's group, and tells no other site where it was.
fn protect(response: &mut HttpResponseBuilder, policy: &str) {
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((OPENER_POLICY, "same-origin"));
}

fn header_has(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers.get_all(name).any(|value| value.to_str().is_ok_and(|value| value.contains(word)))
}
