//! From a decided answer to bytes on the wire.

use crate::app::App;
use crate::contents::{Content, ContentError};
use crate::pages::Page;
use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream;
use shipstack_http::relayed;
use shipstack_rules::{Answer, File, Headers, METHODS};
use shipstack_service::causes;
use shipstack_storage::{ObjectKey, StoreError};
use tracing::warn;

/// Whether the visitor wants the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// GET.
    Everything,
    /// HEAD.
    HeadersOnly,
}

/// Carries an answer out. `key_of` names the object of a file.
pub(crate) async fn respond(
    app: &App,
    answer: Answer<'_>,
    wants: Wants,
    key_of: impl Fn(&File<'_>) -> ObjectKey,
) -> Result<HttpResponse, Page> {
    match answer {
        Answer::File { file, status, headers } => {
            let status = StatusCode::from_u16(status.code()).unwrap_or(StatusCode::OK);
            let mut response = with_headers(status, &headers);
            let body = if wants == Wants::HeadersOnly {
                nothing_of(file.bytes)
            } else {
                bytes_of(app, &file, key_of(&file)).await?
            };
            Ok(response.body(body))
        }
        Answer::NotModified { headers } => Ok(with_headers(StatusCode::NOT_MODIFIED, &headers).finish()),
        Answer::Redirect { location } => Ok(redirect(StatusCode::PERMANENT_REDIRECT, &location)),
        Answer::Options => Ok(options()),
        Answer::BadRequest => Err(Page::BadPath),
        Answer::NotFound => Err(Page::MissingFile),
        Answer::MethodNotAllowed => Err(Page::MethodNotAllowed),
        Answer::PreconditionFailed => Err(Page::PreconditionFailed),
        Answer::TooLong => Err(Page::PathTooLong),
    }
}

/// A redirect; `location` is printable ASCII by construction.
pub(crate) fn redirect(status: StatusCode, location: &str) -> HttpResponse {
    let Ok(location) = HeaderValue::from_str(location) else { return Page::BadPath.response() };
    let cache = if status == StatusCode::FOUND { shipstack_rules::NO_STORE } else { REDIRECT_CACHE };
    HttpResponse::build(status)
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .finish()
}

/// Another deployment may have another page there.
const REDIRECT_CACHE: &str = "public, max-age=0, must-revalidate";

/// What OPTIONS gets.
pub(crate) fn options() -> HttpResponse {
    HttpResponse::NoContent().insert_header((header::ALLOW, METHODS)).finish()
}

fn with_headers(status: StatusCode, headers: &Headers) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    for (name, value) in headers.iter() {
        // Our own values, but for the content type, which a damaged manifest could spoil; then it is left out.
        if let Ok(value) = HeaderValue::from_str(value) {
            response.insert_header((HeaderName::from_static(name), value));
        }
    }
    response
}

/// For HEAD: the length of a body that is not sent, and not read either.
fn nothing_of(bytes: u64) -> BoxBody {
    BoxBody::new(SizedStream::new(bytes, stream::empty::<Result<Bytes, StoreError>>()))
}

async fn bytes_of(app: &App, file: &File<'_>, key: ObjectKey) -> Result<BoxBody, Page> {
    match app.contents.open(file, key).await {
        Ok(Content::Memory(bytes)) => Ok(BoxBody::new(bytes)),
        Ok(Content::Stream(length, body)) => Ok(BoxBody::new(relayed(length, body))),
        Err(error) => {
            let page =
                if matches!(*error, ContentError::Wrong { .. }) { Page::StoreWrong } else { Page::StoreAway };
            warn!(cause = %causes(error.as_ref()), "a file cannot be sent");
            Err(page)
        }
    }
}
