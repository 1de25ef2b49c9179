//! serving.md §2: the headers of an answer.
//!
//! Our own table: nothing that a build, a store or a visitor wrote ever becomes a header, but for the content type of the
//! manifest, which we wrote.

use crate::cache::{NO_STORE, policy};
use crate::conditional::http_date;
use crate::content_type::is_page;
use crate::files::File;
use shipstack_types::Timestamp;

/// The methods that a deployment answers, for `Allow`.
pub const METHODS: &str = "GET, HEAD, OPTIONS";

/// Whether search engines may list this host: not an immutable deployment, but its production alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    /// Nothing is said.
    Allowed,
    /// `X-Robots-Tag: noindex`.
    Refused,
}

/// As what a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// 200, the file that was asked for.
    Found,
    /// 200, the app's page in place of a path that it knows itself.
    Fallback,
    /// 404, the site's own page for that.
    NotFound,
}

impl FileStatus {
    /// The HTTP status.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Found | Self::Fallback => 200,
            Self::NotFound => 404,
        }
    }
}

/// Headers by lower-case name, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(&'static str, String)>);

impl Headers {
    /// All headers, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of a header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    fn with_some(self, name: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// What 304 repeats of a file's headers.
    pub(crate) fn not_modified(&self) -> Self {
        let repeated = ["etag", "cache-control", "vary", "last-modified"];
        Self(self.0.iter().filter(|(name, _)| repeated.contains(name)).cloned().collect())
    }
}

/// The strong entity tag of a file, with its quotes.
pub(crate) fn etag(file: &File<'_>) -> Option<String> {
    file.sha256.map(|digest| format!("\"{digest}\""))
}

/// Everything that is said about a file.
pub(crate) fn of_file(
    file: &File<'_>,
    status: FileStatus,
    modified: Option<Timestamp>,
    indexing: Indexing,
) -> Headers {
    let is_error = status == FileStatus::NotFound;
    let cache = if is_error { NO_STORE } else { policy(file.path.as_str(), is_page(file.content_type)) };
    let headers = Headers::default().with("content-type", file.content_type).with("cache-control", cache);
    let headers = if is_error {
        headers
    } else {
        headers.with_some("etag", etag(file)).with_some("last-modified", modified.and_then(http_date))
    };
    // The same path is a 404 for a script and a page for a person: caches must tell them apart.
    let vary = (status == FileStatus::Fallback).then(|| "Accept, Sec-Fetch-Mode".to_owned());
    headers.with_some("vary", vary).with_common(indexing)
}

impl Headers {
    /// What every answer from a deployment's host says.
    fn with_common(self, indexing: Indexing) -> Self {
        let robots = (indexing == Indexing::Refused).then(|| "noindex".to_owned());
        self.with("x-content-type-options", "nosniff")
            .with("referrer-policy", "strict-origin-when-cross-origin")
            .with_some("x-robots-tag", robots)
    }
}
