//! The content security policy of a page.

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

/// The policy of a page: its own files, its own API, and of inline scripts those that it was built with (a static export
/// has no nonce to give).
pub(super) fn of_page(html: &str) -> String {
    let hashes: String = inline_scripts(html)
        .map(|script| format!(" 'sha256-{}'", BASE64.encode(&Sha256::digest(script))))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "default-src 'none'; script-src 'self'{hashes}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// What stands between the tags of each script without a `src`. The pages are ours and come from one generator, so
/// looking for tags is enough.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (tag, after) = rest.split_once('>')?;
        let (script, _) = after.split_once("</script>")?;
        (!tag.contains(" src=") && !script.is_empty()).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_scripts_of_the_page_itself_may_run() {
        let policy = of_page(r#"<script src="/a.js" async=""></script><script id="x">alert(1)</script><p>"#);
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert!(
            policy.contains("script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
    }
}
