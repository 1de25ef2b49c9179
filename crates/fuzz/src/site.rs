//! A visitor's request to a site of any files: the file that is meant, one redirect to it, or an honest 404.

use crate::input::Input;
use shipstack_rules::{
    Answer, Conditions, FileStatus, Headers, Indexing, Intent, Request, Site, answer, content_type,
};
use shipstack_types::{Manifest, ManifestEntry, RelPath, Sha256Digest, SiteRules, SpaMode, Timestamp};

/// Requests as lines, a byte for the rules and the method, and the names of the files.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let flags = input.byte();
    let visit = Visit::read(&mut input);
    let mut names = Vec::new();
    while !input.is_empty() && names.len() < 24 {
        names.push(input.text());
    }
    let spa = [SpaMode::Auto, SpaMode::On, SpaMode::Off][usize::from(flags % 3)];
    let manifest = manifest(&names, SiteRules { spa, clean_urls: flags & 8 == 0 });
    let site = Site {
        files: &manifest,
        rules: &manifest.rules,
        modified: (flags & 16 == 0).then(|| Timestamp::from_millis(784_111_777_900)),
        indexing: Indexing::Refused,
    };
    let method = ["GET", "HEAD", "OPTIONS", "POST"][usize::from(flags >> 5 & 3)];
    let request = visit.request(method);
    let given = answer(&request, &site);
    assert_eq!(given, answer(&request, &site));
    is_honest(&given, &request, &site);
}

struct Visit {
    path: String,
    query: String,
    headers: [Option<String>; 5],
}

impl Visit {
    fn read(input: &mut Input<'_>) -> Self {
        let (path, query) = (format!("/{}", input.text()), input.text());
        let headers = std::array::from_fn(|_| Some(input.text()).filter(|text| !text.is_empty()));
        Self { path, query, headers }
    }

    fn request<'a>(&'a self, method: &'a str) -> Request<'a> {
        let [accept, sec_fetch_mode, if_match, if_none_match, if_modified_since] =
            self.headers.each_ref().map(Option::as_deref);
        Request {
            method,
            path: &self.path,
            query: Some(&self.query),
            intent: Intent { accept, sec_fetch_mode },
            conditions: Conditions { if_match, if_none_match, if_modified_since },
        }
    }
}

fn manifest(names: &[String], rules: SiteRules) -> Manifest {
    let paths = names.iter().filter_map(|name| name.parse::<RelPath>().ok()).filter(|path| !path.is_root());
    let entry = |path: RelPath| ManifestEntry {
        bytes: 1,
        sha256: Sha256Digest::of(path.as_str().as_bytes()),
        content_type: content_type(path.as_str()).into_owned(),
        path,
    };
    Manifest::new(paths.map(entry).collect(), rules)
}

fn is_honest(given: &Answer<'_>, request: &Request<'_>, site: &Site<'_, Manifest>) {
    match given {
        Answer::File { file, status, headers } => {
            assert!(site.files.find(file.path.as_str()).is_some(), "{} is no file of the site", file.path);
            let is_hidden = |segment: &str| segment.starts_with('.') && segment != ".well-known";
            assert!(!file.path.segments().any(is_hidden), "{} is hidden", file.path);
            assert!(!["_redirects", "_headers"].contains(&file.path.as_str()));
            can_be_sent(headers);
            if *status != FileStatus::NotFound {
                is_not_sent_twice(headers, request, site);
            }
        }
        Answer::NotModified { headers } => {
            let Conditions { if_none_match, if_modified_since, .. } = request.conditions;
            assert!(if_none_match.or(if_modified_since).is_some(), "nobody has it");
            can_be_sent(headers);
        }
        Answer::Redirect { location } => leads_to_a_file(location, request, site),
        Answer::Options | Answer::MethodNotAllowed => assert!(!["GET", "HEAD"].contains(&request.method)),
        Answer::PreconditionFailed => assert!(request.conditions.if_match.is_some()),
        Answer::BadRequest | Answer::NotFound | Answer::TooLong => {}
    }
}

fn can_be_sent(headers: &Headers) {
    for (name, value) in headers.iter() {
        assert!(value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{name}: {value:?}");
        assert_eq!(headers.iter().filter(|(other, _)| *other == name).count(), 1, "{name}");
    }
    assert_eq!(headers.get("content-type").is_some(), headers.get("x-content-type-options").is_some());
}

/// Who has these bytes already is told so.
fn is_not_sent_twice(headers: &Headers, request: &Request<'_>, site: &Site<'_, Manifest>) {
    let conditions =
        Conditions { if_match: None, if_none_match: headers.get("etag"), if_modified_since: None };
    let again = answer(&Request { conditions, ..*request }, site);
    assert!(matches!(again, Answer::NotModified { .. }), "{again:?}");
}

/// On this host, in one step.
fn leads_to_a_file(location: &str, request: &Request<'_>, site: &Site<'_, Manifest>) {
    assert!(location.starts_with('/') && !location.starts_with("//"), "{location:?}");
    assert!(location.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'), "{location:?}");
    let path = location.split('?').next().unwrap();
    let next = Request { path, conditions: Conditions::default(), ..*request };
    let there = answer(&next, site);
    let is_file = matches!(there, Answer::File { status: FileStatus::Found, .. });
    assert!(is_file, "{} goes to {location}, which is {there:?}", request.path);
}
