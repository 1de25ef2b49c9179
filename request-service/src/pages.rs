//! Our own pages: what a visitor sees when there is no site to show. Plain, small, readable by everybody and everything.
//!
//! Nothing that a visitor sent stands in them, so there is nothing to escape.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use shipstack_rules::{METHODS, NO_STORE};
use shipstack_types::DeploymentState;

/// The text of the Node system, kept (contract §3).
const NO_ID: &str = "Unable to determine site id. Use a deployment subdomain or pass ?id=<deployment-id>.";
/// When to look again: a build takes longer, but its end is cheap to ask for.
const BUILDING_RETRY: u32 = 2;
/// When to come back to a store that was away.
const STORE_RETRY: u32 = 5;

/// An answer of ours in place of a site's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    BadHost,
    BadPath,
    NoId,
    UnknownSite,
    MissingFile,
    Ended(DeploymentState),
    Building,
    MethodNotAllowed,
    PreconditionFailed,
    BodyRefused,
    PathTooLong,
    HeadTooLarge,
    StoreAway,
    StoreWrong,
}

impl Page {
    fn status(self) -> StatusCode {
        match self {
            Self::BadHost | Self::BadPath | Self::NoId => StatusCode::BAD_REQUEST,
            Self::UnknownSite | Self::MissingFile | Self::Ended(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::BodyRefused => StatusCode::PAYLOAD_TOO_LARGE,
            Self::PathTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Building | Self::StoreAway => StatusCode::SERVICE_UNAVAILABLE,
            Self::StoreWrong => StatusCode::BAD_GATEWAY,
        }
    }

    /// Heading and sentence.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::BadHost => ("Bad request", "The host name of this request cannot be read."),
            Self::BadPath => ("Bad request", "The address has characters that no address has."),
            Self::NoId => ("Which site?", NO_ID),
            Self::UnknownSite => ("No such site", "There is no deployment under this name."),
            Self::MissingFile => ("Page not found", "This site has no page under this address."),
            Self::Ended(DeploymentState::Cancelled) => ("Not published", "This deployment was cancelled."),
            Self::Ended(_) => ("Not published", "This deployment failed. Its log says why."),
            Self::Building => {
                ("Building", "This deployment is not finished yet. This page looks again by itself.")
            }
            Self::MethodNotAllowed => ("Not possible", "Sites can be read, and nothing else."),
            Self::PreconditionFailed => ("Changed", "What the request asks for has other contents now."),
            Self::BodyRefused => ("Not possible", "Sites can be read; they take no data."),
            Self::PathTooLong => ("Address too long", "The address is longer than 8 KiB."),
            Self::HeadTooLarge => {
                ("Request too large", "The headers of this request are larger than 16 KiB.")
            }
            Self::StoreAway => {
                ("Not available right now", "The site cannot be read at the moment. Try again shortly.")
            }
            Self::StoreWrong => {
                ("Not available right now", "A file of the site cannot be read. Try again shortly.")
            }
        }
    }

    fn retry_after(self) -> Option<u32> {
        match self {
            Self::Building => Some(BUILDING_RETRY),
            Self::StoreAway | Self::StoreWrong => Some(STORE_RETRY),
            _ => None,
        }
    }

    /// The answer.
    pub(crate) fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((header::CACHE_CONTROL, NO_STORE));
        response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        response.insert_header(("x-robots-tag", "noindex"));
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        match self {
            Self::MethodNotAllowed => drop(response.insert_header((header::ALLOW, METHODS))),
            // What follows on this connection would be the body, or the rest of the head.
            Self::BodyRefused | Self::HeadTooLarge | Self::BadHost => drop(response.force_close()),
            _ => {}
        }
        if self == Self::NoId {
            return response.content_type("text/plain; charset=utf-8").body(NO_ID);
        }
        response.insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)));
        response.content_type("text/html; charset=utf-8").body(self.html())
    }

    fn html(self) -> String {
        let (heading, text) = self.words();
        let refresh = if self == Self::Building { REFRESH } else { "" };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{refresh}<title>{heading}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
        )
    }
}

/// Nothing is loaded and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"3\">\n";
const STYLE: &str = ":root{color-scheme:light dark}body{font:1.125rem/1.5 system-ui,sans-serif;margin:15vh auto;max-width:36rem;padding:0 1.5rem}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_status_is_never_kept_and_loads_nothing() {
        for (page, status) in [
            (Page::BadHost, 400),
            (Page::NoId, 400),
            (Page::UnknownSite, 404),
            (Page::Ended(DeploymentState::Failed), 404),
            (Page::Building, 503),
            (Page::StoreAway, 503),
            (Page::StoreWrong, 502),
            (Page::BodyRefused, 413),
            (Page::PathTooLong, 414),
            (Page::HeadTooLarge, 431),
        ] {
            let response = page.response();
            assert_eq!(response.status().as_u16(), status, "{page:?}");
            assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
            let retry = response.headers().contains_key("retry-after");
            assert_eq!(retry, status == 503 || status == 502, "{page:?}");
            assert!(!page.html().contains("http://") && !page.html().contains("<script"));
        }
    }
}
