//! serving.md §1 steps 5 to 8: which file a path means.
//!
//! **Guarantees**: a redirect is built from a name of the site, so it has one leading slash and leads to the very file that was
//! found, in one step; nothing is found for a hidden name.

use crate::files::{File, Files};
use crate::path::SitePath;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shipstack_types::SiteRules;

const INDEX: &str = "index.html";
const PAGE: &str = ".html";
const NOT_FOUND_PAGE: &str = "404.html";
const FALLBACK_PAGES: [&str; 2] = ["200.html", INDEX];
/// Instructions to the server, never content (serving.md §3, §4).
const INSTRUCTIONS: [&str; 2] = ["_redirects", "_headers"];

/// What may stand unencoded in a path beside letters and digits (RFC 3986 §3.3), but for characters that some software reads
/// as a separator.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'=')
    .remove(b'@');

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// This file.
    File(File<'a>),
    /// The same file under its proper address: an encoded path with one leading slash.
    Redirect(String),
    /// Nothing.
    Nothing,
}

/// Finds the file that a path means.
pub fn find<'a, F: Files>(files: &'a F, path: &SitePath, rules: &SiteRules) -> Found<'a> {
    if !path.can_name_a_file() {
        return Found::Nothing;
    }
    if path.ends_in_slash() {
        in_folder(files, path.as_str())
    } else {
        exact_or_page(files, path.as_str(), rules)
    }
}

/// Step 6: the folder's index, else the page of that name without the slash.
fn in_folder<'a, F: Files>(files: &'a F, folder: &str) -> Found<'a> {
    if let Some(index) = files.file(&index_of(folder)) {
        return Found::File(index);
    }
    // A file of exactly that name would be served there instead of the page.
    let is_page =
        !folder.is_empty() && files.file(folder).is_none() && files.file(&page_of(folder)).is_some();
    if is_page { Found::Redirect(address(folder)) } else { Found::Nothing }
}

/// Steps 5 and 7: the file itself, else the page of that name, else the folder's index behind its slash.
fn exact_or_page<'a, F: Files>(files: &'a F, path: &str, rules: &SiteRules) -> Found<'a> {
    if let Some(file) = files.file(path).filter(|_| !INSTRUCTIONS.contains(&path)) {
        let proper = rules.clean_urls.then(|| proper_address(files, path)).flatten();
        return proper.map_or(Found::File(file), Found::Redirect);
    }
    if let Some(page) = files.file(&page_of(path)) {
        return Found::File(page);
    }
    let has_index = files.file(&index_of(path)).is_some();
    if has_index { Found::Redirect(format!("{}/", address(path))) } else { Found::Nothing }
}

/// Where a page lives with clean URLs; `None` where it is: no page, or its clean address belongs to another file.
fn proper_address<F: Files>(files: &F, path: &str) -> Option<String> {
    if path == INDEX {
        return Some("/".to_owned());
    }
    if let Some(folder) = path.strip_suffix(INDEX).filter(|folder| folder.ends_with('/')) {
        return Some(address(folder));
    }
    let clean = path.strip_suffix(PAGE).filter(|clean| !clean.is_empty() && !clean.ends_with('/'))?;
    files.file(clean).is_none().then(|| address(clean))
}

/// Step 8: the nearest `404.html`, walking up the folders.
pub(crate) fn not_found_page<'a, F: Files>(files: &'a F, path: &SitePath) -> Option<File<'a>> {
    if !path.can_name_a_file() {
        return files.file(NOT_FOUND_PAGE);
    }
    path.folders().find_map(|folder| files.file(&below(folder, NOT_FOUND_PAGE)))
}

/// Step 8: the page of a single-page app.
pub(crate) fn fallback_page<F: Files>(files: &F) -> Option<File<'_>> {
    FALLBACK_PAGES.iter().find_map(|page| files.file(page))
}

fn index_of(folder: &str) -> String {
    below(folder, INDEX)
}

fn page_of(path: &str) -> String {
    format!("{path}{PAGE}")
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A name of the site as the path of a URL. Names of a site begin with no slash and have no empty segment.
fn address(name: &str) -> String {
    format!("/{}", utf8_percent_encode(name, SEGMENT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Listing;
    use proptest::prelude::*;

    fn site(names: &[&str]) -> Listing {
        Listing::new(names.iter().map(|name| (name.parse().unwrap(), 1)))
    }

    /// `=name` for a file, `>address` for a redirect, `-` for nothing.
    fn found(files: &Listing, raw: &str, clean_urls: bool) -> String {
        let rules = SiteRules { clean_urls, ..SiteRules::default() };
        match find(files, &SitePath::decode(raw).unwrap(), &rules) {
            Found::File(file) => format!("={}", file.path),
            Found::Redirect(to) => format!(">{to}"),
            Found::Nothing => "-".to_owned(),
        }
    }

    #[test]
    fn a_path_means_the_file_that_the_table_says() {
        let files = site(&[
            "index.html",
            "about.html",
            "docs/index.html",
            "both.html",
            "both/index.html",
            "plain",
            "plain.html",
            "a b.html",
            "a%2fb.html",
            "é.html",
            "style.css",
            "deep/er/page.html",
            "x.html.html",
            "_redirects",
            ".env",
            ".well-known/a.json",
            "odd:name.html",
            "_headers.html",
            "_headers/index.html",
        ]);
        for (raw, want) in [
            ("/", "=index.html"),
            ("/index.html", ">/"),
            ("/index", "=index.html"),
            ("/about", "=about.html"),
            ("/about.html", ">/about"),
            ("/about/", ">/about"),
            ("/docs/", "=docs/index.html"),
            ("/docs", ">/docs/"),
            ("/docs/index.html", ">/docs/"),
            ("/both", "=both.html"),
            ("/both/", "=both/index.html"),
            ("/plain", "=plain"),
            ("/plain.html", "=plain.html"),
            ("/plain/", "-"),
            ("/a%20b", "=a b.html"),
            ("/a%20b.html", ">/a%20b"),
            ("/a%252fb", "=a%2fb.html"),
            ("/a%2fb", "-"),
            ("/%C3%A9.html", ">/%C3%A9"),
            ("/style.css", "=style.css"),
            ("/style.css/", "-"),
            ("/deep/er/page.html", ">/deep/er/page"),
            ("/x.html", "=x.html.html"),
            ("/x.html.html", ">/x.html"),
            ("/_redirects", "-"),
            ("/_redirects/", "-"),
            ("/_headers", "=_headers.html"),
            ("/_headers.html", ">/_headers"),
            ("/_headers/", "=_headers/index.html"),
            ("/_headers/index.html", ">/_headers/"),
            ("/.env", "-"),
            ("/.well-known/a.json", "=.well-known/a.json"),
            ("/odd:name.html", ">/odd%3Aname"),
            ("/index.html/", "-"),
            ("/index.html%20", "-"),
            ("/index.html.", "-"),
            ("/INDEX.HTML", "-"),
            ("/index.html::$DATA", "-"),
            ("//about", "-"),
            ("/docs//", "-"),
            ("/%2Findex.html", "-"),
            ("//evil.example/%2f..x", "-"),
        ] {
            assert_eq!(found(&files, raw, true), want, "{raw}");
        }
    }

    #[test]
    fn without_clean_urls_pages_stay_where_they_are() {
        let files = site(&["index.html", "about.html", "docs/index.html"]);
        for (raw, want) in [
            ("/index.html", "=index.html"),
            ("/about.html", "=about.html"),
            ("/about", "=about.html"),
            ("/docs/index.html", "=docs/index.html"),
            ("/docs", ">/docs/"),
        ] {
            assert_eq!(found(&files, raw, false), want, "{raw}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn a_redirect_is_no_way_out_and_leads_to_a_file_in_one_step(
            names in proptest::collection::vec("[a-c .é:@%;-]{1,3}(/[a-c]{1,2}){0,2}(\\.html|/index\\.html|)", 1..12),
            raw in "/{1,2}[a-c%20./:@\\\\;-]{0,8}(\\.html|/index\\.html|/)?",
            clean_urls: bool,
        ) {
            let names = names.iter().filter_map(|name| name.parse().ok()).map(|name| (name, 1));
            let files = Listing::new(names);
            let rules = SiteRules { clean_urls, ..SiteRules::default() };
            let Ok(path) = SitePath::decode(&raw) else { return Ok(()) };
            if let Found::Redirect(to) = find(&files, &path, &rules) {
                prop_assert!(to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\"), "{}", to);
                prop_assert!(to.bytes().all(|b| (0x21..0x7f).contains(&b)), "{}", to);
                let next = SitePath::decode(&to).unwrap();
                prop_assert!(matches!(find(&files, &next, &rules), Found::File(_)), "{} -> {}", raw, to);
            }
        }

        #[test]
        fn every_file_is_served_at_its_own_encoded_address(name in "[^\\pC\\\\/.]{1,12}(\\.[a-z]{1,4})?") {
            let files = site(&[&name]);
            let rules = SiteRules { clean_urls: false, ..SiteRules::default() };
            let path = SitePath::decode(&address(&name)).unwrap();
            let is_there = matches!(find(&files, &path, &rules), Found::File(file) if file.path.as_str() == name);
            prop_assert!(is_there);
        }
    }
}
