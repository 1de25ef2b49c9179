//! The one decision: request and deployment in, answer out. The steps are those of serving.md §1, in that order.

use crate::conditional::{Conditions, Verdict};
use crate::fallback::{Intent, looks_like_an_asset};
use crate::files::{File, Files};
use crate::find::{Found, fallback_page, find, not_found_page};
use crate::headers::{FileStatus, Headers, Indexing, etag, of_file};
use crate::path::{PathRefusal, SitePath};
use crate::printable::with_query;
use shipstack_types::{SiteRules, SpaMode, Timestamp};

/// What a visitor sent, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method as sent.
    pub method: &'a str,
    /// The path as sent: encoded, without the query.
    pub path: &'a str,
    /// The query as sent, without the question mark.
    pub query: Option<&'a str>,
    /// Why the browser asks.
    pub intent: Intent<'a>,
    /// What it has already.
    pub conditions: Conditions<'a>,
}

/// What a deployment serves.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a, F> {
    /// Its files.
    pub files: &'a F,
    /// The rules frozen at publish.
    pub rules: &'a SiteRules,
    /// When it was published.
    pub modified: Option<Timestamp>,
    /// Whether search engines may list it.
    pub indexing: Indexing,
}

/// What the visitor gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The bytes of a file; for HEAD its headers and length only.
    File {
        /// Which one.
        file: File<'a>,
        /// As what.
        status: FileStatus,
        /// What is said about it.
        headers: Headers,
    },
    /// 304 with these headers.
    NotModified {
        /// The headers that a 304 repeats.
        headers: Headers,
    },
    /// 308 to this path (and query) on the same host.
    Redirect {
        /// One leading slash, encoded.
        location: String,
    },
    /// 204 with `Allow`: the answer to OPTIONS.
    Options,
    /// 400: the path is one that no browser sends.
    BadRequest,
    /// 404, and the site has no page for it.
    NotFound,
    /// 405 with `Allow`.
    MethodNotAllowed,
    /// 412: `If-Match` names other bytes.
    PreconditionFailed,
    /// 414.
    TooLong,
}

/// Answers a request from the files of a deployment.
pub fn answer<'a, F: Files>(request: &Request<'_>, site: &Site<'a, F>) -> Answer<'a> {
    match request.method {
        "GET" | "HEAD" => {}
        "OPTIONS" => return Answer::Options,
        _ => return Answer::MethodNotAllowed,
    }
    let path = match SitePath::decode(request.path) {
        Ok(path) => path,
        Err(PathRefusal::TooLong) => return Answer::TooLong,
        Err(PathRefusal::Malformed) => return Answer::BadRequest,
    };
    match find(site.files, &path, site.rules) {
        Found::File(file) => send(request, site, file, FileStatus::Found),
        Found::Redirect(to) => Answer::Redirect { location: with_query(to, request.query) },
        Found::Nothing => missing(request, site, &path),
    }
}

/// Step 8.
fn missing<'a, F: Files>(request: &Request<'_>, site: &Site<'a, F>, path: &SitePath) -> Answer<'a> {
    let own_page = not_found_page(site.files, path);
    let for_app = match site.rules.spa {
        SpaMode::Off => false,
        SpaMode::Auto => own_page.is_none() && is_for_app(request, path),
        SpaMode::On => is_for_app(request, path),
    };
    if let Some(page) = for_app.then(|| fallback_page(site.files)).flatten() {
        return send(request, site, page, FileStatus::Fallback);
    }
    own_page.map_or(Answer::NotFound, |page| send(request, site, page, FileStatus::NotFound))
}

/// A hidden name is nothing an app knows either.
fn is_for_app(request: &Request<'_>, path: &SitePath) -> bool {
    let is_hidden = path.as_str().split('/').any(|segment| segment.starts_with('.'));
    !is_hidden && request.intent.is_navigation() && !looks_like_an_asset(path)
}

fn send<'a, F>(request: &Request<'_>, site: &Site<'a, F>, file: File<'a>, status: FileStatus) -> Answer<'a> {
    let headers = of_file(&file, status, site.modified, site.indexing);
    if status == FileStatus::NotFound {
        return Answer::File { file, status, headers };
    }
    match request.conditions.judge(etag(&file).as_deref(), site.modified) {
        Verdict::Send => Answer::File { file, status, headers },
        Verdict::NotModified => Answer::NotModified { headers: headers.not_modified() },
        Verdict::Failed => Answer::PreconditionFailed,
    }
}
