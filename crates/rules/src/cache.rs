//! serving.md §2: how long an answer may be kept.
//!
//! A year is promised only to names that change with their bytes. When in doubt a name is not believed: a page too many
//! asked for costs a 304, a stale script costs a broken site.

/// For pages and everything whose name may get other bytes.
pub(crate) const REVALIDATE: &str = "public, max-age=0, must-revalidate";
/// For names that carry a hash of their bytes.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For answers about what is not there.
pub const NO_STORE: &str = "no-store";

/// Folders that frameworks fill with fingerprinted files only.
const FRAMEWORK_FOLDERS: &[&str] = &["_astro/", "_next/static/", "_nuxt/", "_app/immutable/"];
/// The one file in those folders that is asked for anew on purpose.
const NUXT_LATEST: &str = "_nuxt/builds/latest.json";
/// Vite's folder: its own files end in a hash, but a project may put others there.
const VITE_FOLDER: &str = "assets/";
/// Length of a hash in esbuild's, Rollup's and Vite's names, in characters.
const SHORT_HASH: usize = 8;

/// The `Cache-Control` of a file of this name and type.
pub(crate) fn policy(path: &str, is_page: bool) -> &'static str {
    if !is_page && is_fingerprinted(path) { IMMUTABLE } else { REVALIDATE }
}

fn is_fingerprinted(path: &str) -> bool {
    let is_under = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    if FRAMEWORK_FOLDERS.iter().any(|folder| is_under(folder)) {
        return !path.ends_with(NUXT_LATEST);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let in_assets = is_under(VITE_FOLDER);
    name.split(['.', '-', '_', '~']).skip(1).any(is_hex_hash) || ends_in_short_hash(name, in_assets)
}

/// Webpack, Parcel and their like: eight or more hexadecimal digits, of both kinds, so that no word and no date is one.
fn is_hex_hash(segment: &str) -> bool {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    segment.len() >= SHORT_HASH
        && segment.bytes().all(hex)
        && segment.bytes().any(|b| b.is_ascii_digit())
        && segment.bytes().any(|b| b.is_ascii_lowercase())
}

/// `name-XXXXXXXX.ext`: esbuild writes base32 (digits 2 to 7) anywhere, Rollup base64url into `assets/`.
fn ends_in_short_hash(name: &str, in_assets: bool) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let Some(start) = stem.len().checked_sub(SHORT_HASH) else { return false };
    let (Some(before), Some(hash)) = (stem.get(..start), stem.get(start..)) else { return false };
    before.ends_with('-') && (is_base32(hash) || (in_assets && is_base64url(hash)))
}

fn is_base32(hash: &str) -> bool {
    hash.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
        && hash.bytes().any(|b| b.is_ascii_digit())
}

/// Told from a word by a digit beside letters, or by a capital after the first letter.
fn is_base64url(hash: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let digits = hash.bytes().any(|b| b.is_ascii_digit()) && hash.bytes().any(|b| b.is_ascii_alphabetic());
    let capitals =
        hash.bytes().skip(1).any(|b| b.is_ascii_uppercase()) && hash.bytes().any(|b| b.is_ascii_lowercase());
    hash.bytes().all(legal) && (digits || capitals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_promised_only_to_names_that_carry_a_hash() {
        for path in [
            "assets/index-BVvXl3tN.js",
            "assets/index-DiwrgTda.css",
            "assets/a-b_x-9aKq.js",
            "app/assets/index-BVvXl3tN.js",
            "static/js/main.0a1b2c3d.chunk.js",
            "index.a1b2c3d4.js",
            "main-5HKFQ4GV.js",
            "_astro/x.png",
            "_next/static/chunks/x.js",
            "_nuxt/entry.js",
            "_app/immutable/start.js",
        ] {
            assert_eq!(policy(path, false), IMMUTABLE, "{path}");
        }
        for path in [
            "app.js",
            "assets/logo.png",
            "assets/product-overview.png",
            "jquery-3.7.1.min.js",
            "report-20240101.pdf",
            "photo-IMG20240101.jpg",
            "hero-iphone15pro.png",
            "deadbeef.js",
            "sw.js",
            "_nuxt/builds/latest.json",
            "_app/version.json",
            "navigation-component.css",
        ] {
            assert_eq!(policy(path, false), REVALIDATE, "{path}");
        }
        assert_eq!(policy("_astro/index.a1b2c3d4.html", true), REVALIDATE, "a page is never immutable");
    }
}
