//! What `npm run build` made, by path; and the page that stands in for it.

use super::asset::Asset;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// `frontend/out` as it was when this was compiled; empty without Node.
#[derive(rust_embed::RustEmbed)]
#[folder = "../frontend/out"]
#[allow_missing = true]
struct Embedded;

/// Where files stand whose names have a hash of their content.
const HASHED: &str = "_next/static/";
/// Shown where there is no page of that name.
const NOT_FOUND: &str = "404.html";

static ASSETS: LazyLock<HashMap<Cow<'static, str>, Asset>> = LazyLock::new(|| {
    let assets: HashMap<_, _> = Embedded::iter()
        .filter_map(|path| Embedded::get(&path).map(|file| (path.clone(), Asset::new(&path, file.data))))
        .collect();
    if assets.contains_key("index.html") { assets } else { stand_in() }
});

fn stand_in() -> HashMap<Cow<'static, str>, Asset> {
    let page = include_bytes!("not_built.html").as_slice();
    HashMap::from([(Cow::Borrowed("index.html"), Asset::new("index.html", Cow::Borrowed(page)))])
}

/// What a path of a request is here.
pub(super) enum Found {
    /// A file.
    Asset(&'static Asset),
    /// A page that was asked for without the slash at its end, which its relative links need.
    Page,
}

/// The file of a path: itself, or the page of a folder.
pub(super) fn find(path: &str) -> Option<Found> {
    let path = path.strip_prefix('/')?;
    let page = format!("{path}index.html");
    let file = if path.is_empty() || path.ends_with('/') { page.as_str() } else { path };
    if let Some(asset) = ASSETS.get(file) {
        return Some(Found::Asset(asset));
    }
    ASSETS.contains_key(format!("{path}/index.html").as_str()).then_some(Found::Page)
}

/// The page for people who followed a wrong link.
pub(super) fn not_found() -> Option<&'static Asset> {
    ASSETS.get(NOT_FOUND)
}

/// Whether the name changes with the content.
pub(super) fn is_hashed(path: &str) -> bool {
    path.starts_with(HASHED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_embedded_files_are_found() {
        assert!(matches!(find("/"), Some(Found::Asset(_))));
        for path in ["", "index.html", "/../Cargo.toml", "//etc/passwd", "/..", "/%2e%2e/", "/v1/deployments"]
        {
            assert!(find(path).is_none(), "{path}");
        }
    }
}
