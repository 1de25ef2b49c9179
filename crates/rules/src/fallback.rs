//! serving.md §1 step 8, the question part: is this request a navigation, and does its path look like a built asset?

use crate::content_type::extension;
use crate::path::SitePath;

/// What a browser says about why it asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Intent<'a> {
    /// `Accept`.
    pub accept: Option<&'a str>,
    /// `Sec-Fetch-Mode`.
    pub sec_fetch_mode: Option<&'a str>,
}

/// Extensions of files that sites are made of. A list and not a question to `mime_guess`, which knows `.doe`'s like `.me`
/// and `.com`: with those, `/users/jo.me` would be an asset.
const STATIC_EXTENSIONS: &[&str] = &[
    "html",
    "htm",
    "xhtml",
    "js",
    "mjs",
    "cjs",
    "jsx",
    "ts",
    "tsx",
    "vue",
    "css",
    "scss",
    "less",
    "map",
    "json",
    "jsonld",
    "geojson",
    "xml",
    "rss",
    "atom",
    "txt",
    "md",
    "csv",
    "tsv",
    "yaml",
    "yml",
    "toml",
    "pdf",
    "wasm",
    "webmanifest",
    "ico",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "avif",
    "jxl",
    "bmp",
    "tif",
    "tiff",
    "heic",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp3",
    "mp4",
    "m4a",
    "m4v",
    "webm",
    "ogg",
    "ogv",
    "oga",
    "wav",
    "flac",
    "aac",
    "mov",
    "avi",
    "vtt",
    "zip",
    "gz",
    "br",
    "zst",
    "tar",
    "tgz",
    "bz2",
    "xz",
    "7z",
    "rar",
    "bin",
    "dmg",
    "exe",
    "apk",
    "iso",
    "glb",
    "gltf",
    "obj",
    "stl",
    "hdr",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "php",
    "asp",
    "aspx",
    "jsp",
    "cgi",
];

/// Folders in which build tools put fingerprinted files: nothing in them is a page of an app.
const ASSET_FOLDERS: &[&str] = &["assets", "_astro", "_next", "_nuxt", "_app", "static"];

impl Intent<'_> {
    /// Whether a person went there: `Sec-Fetch-Mode: navigate`, or `Accept` has `text/html`, or neither header is there.
    /// `Accept: */*` without `Sec-Fetch-Mode` says as much as no `Accept` (RFC 9110 §12.5.1): it is what curl sends, while
    /// every browser that sends `*/*` for a script or an image says its mode too.
    pub(crate) fn is_navigation(self) -> bool {
        let accepts_html =
            self.accept.is_some_and(|accept| accept.to_ascii_lowercase().contains("text/html"));
        match self.sec_fetch_mode {
            Some(mode) => mode.trim().eq_ignore_ascii_case("navigate") || accepts_html,
            None => accepts_html || self.accept.is_none_or(|accept| accept.trim() == "*/*"),
        }
    }
}

/// Whether a path that is not there looks like a file of the build rather than like a page.
pub(crate) fn looks_like_an_asset(path: &SitePath) -> bool {
    let extension = extension(path.last_segment()).map(str::to_ascii_lowercase);
    let is_static = extension.is_some_and(|extension| STATIC_EXTENSIONS.contains(&extension.as_str()));
    is_static || (path.as_str().contains('/') && ASSET_FOLDERS.contains(&path.first_segment()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_navigation_is_known_by_its_headers() {
        for (accept, mode, navigation) in [
            (None, None, true),
            (Some("*/*"), None, true),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), None, true),
            (Some("*/*"), Some("navigate"), true),
            (Some("text/html"), Some("cors"), true),
            (Some("*/*"), Some("no-cors"), false),
            (Some("*/*"), Some("cors"), false),
            (None, Some("cors"), false),
            (Some("application/json"), None, false),
            (Some("image/avif,image/webp"), None, false),
            (Some(""), None, false),
        ] {
            let intent = Intent { accept, sec_fetch_mode: mode };
            assert_eq!(intent.is_navigation(), navigation, "{accept:?} {mode:?}");
        }
    }

    #[test]
    fn an_asset_is_known_by_its_name() {
        for (raw, asset) in [
            ("/users/john.doe", false),
            ("/users/jo.me", false),
            ("/about", false),
            ("/v1.2", false),
            ("/assets", false),
            ("/assets/missing", true),
            ("/assets/missing.js", true),
            ("/_next/static/x", true),
            ("/api/me/x.css", true),
            ("/index.html/x.js", true),
            ("/IMAGE.PNG", true),
            ("/%2Findex.html", true),
            ("/my/assets", false),
            ("/.html", false),
        ] {
            assert_eq!(looks_like_an_asset(&SitePath::decode(raw).unwrap()), asset, "{raw}");
        }
    }
}
