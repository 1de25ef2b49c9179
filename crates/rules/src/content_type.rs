//! serving.md §2: the content type of a file, from its name alone.
//!
//! **Guarantees**: a type never comes from a build, from the store or from sniffing; text always says UTF-8; a name that
//! tells nothing is `application/octet-stream`. Used at publish for the manifest and when serving the Node system's buckets.

use std::borrow::Cow;

/// Where `mime_guess` is wrong for the web, or says nothing: `.ts` is a video there, `.map` plain text, modules vary.
const OVERRIDES: &[(&str, &str)] = &[
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("jsx", "text/javascript; charset=utf-8"),
    ("ts", "text/plain; charset=utf-8"),
    ("tsx", "text/plain; charset=utf-8"),
    ("mts", "text/plain; charset=utf-8"),
    ("cts", "text/plain; charset=utf-8"),
    ("vue", "text/plain; charset=utf-8"),
    ("map", "application/json"),
    ("geojson", "application/geo+json"),
    ("jsonld", "application/ld+json"),
    ("webmanifest", "application/manifest+json"),
    ("wasm", "application/wasm"),
    ("ico", "image/x-icon"),
    ("avif", "image/avif"),
    ("jxl", "image/jxl"),
    ("md", "text/markdown; charset=utf-8"),
    ("rss", "application/rss+xml"),
    ("atom", "application/atom+xml"),
    ("xml", "application/xml"),
    ("gltf", "model/gltf+json"),
    ("glb", "model/gltf-binary"),
    ("m4a", "audio/mp4"),
    ("br", "application/octet-stream"),
    ("zst", "application/zstd"),
];

const UNKNOWN: &str = "application/octet-stream";

/// The content type of a file of this name.
#[must_use]
pub fn content_type(path: &str) -> Cow<'static, str> {
    let Some(extension) = extension(path) else { return Cow::Borrowed(UNKNOWN) };
    let extension = extension.to_ascii_lowercase();
    if let Some((_, of_ours)) = OVERRIDES.iter().find(|(name, _)| *name == extension) {
        return Cow::Borrowed(of_ours);
    }
    match mime_guess::from_ext(&extension).first_raw() {
        Some(text) if text.starts_with("text/") => Cow::Owned(format!("{text}; charset=utf-8")),
        Some(other) => Cow::Borrowed(other),
        None => Cow::Borrowed(UNKNOWN),
    }
}

/// What follows the last dot of the last segment; nothing for `.name` and for names without a dot.
pub(crate) fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
}

/// Whether this type is a page.
pub(crate) fn is_page(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    matches!(essence, "text/html" | "application/xhtml+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_the_types_that_browsers_need() {
        for (name, want) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a/b.HTM", "text/html; charset=utf-8"),
            ("x.xhtml", "application/xhtml+xml"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("app.mjs", "text/javascript; charset=utf-8"),
            ("app.js.map", "application/json"),
            ("style.css", "text/css; charset=utf-8"),
            ("data.json", "application/json"),
            ("m.wasm", "application/wasm"),
            ("site.webmanifest", "application/manifest+json"),
            ("mod.ts", "text/plain; charset=utf-8"),
            ("i.svg", "image/svg+xml"),
            ("i.png", "image/png"),
            ("i.avif", "image/avif"),
            ("favicon.ico", "image/x-icon"),
            ("f.woff2", "font/woff2"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("sitemap.xml", "application/xml"),
            ("doc.pdf", "application/pdf"),
            ("v.mp4", "video/mp4"),
            ("app.js.br", "application/octet-stream"),
            ("LICENSE", "application/octet-stream"),
            ("users/john.doe", "application/octet-stream"),
            (".well-known/apple-app-site-association", "application/octet-stream"),
            ("a.b/c", "application/octet-stream"),
            (".html", "application/octet-stream"),
        ] {
            assert_eq!(content_type(name), want, "{name}");
        }
    }

    #[test]
    fn only_pages_are_pages() {
        assert!(is_page("text/html; charset=utf-8"));
        assert!(!is_page("text/javascript; charset=utf-8"));
    }
}
