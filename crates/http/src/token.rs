//! The one token.

use actix_web::HttpRequest;
use actix_web::http::header;
use sha2::{Digest as _, Sha256};
use shipstack_settings::{ExposeSecret as _, Secret};

/// What a token is compared with: its digest. Digests have one length, and comparing all their bytes takes the same time
/// whatever was sent.
#[derive(Clone)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    pub(crate) fn of(token: &Secret) -> Self {
        Self(Sha256::digest(token.expose_secret()).into())
    }

    /// Whether the request has exactly one `Authorization` header, and that one carries the token.
    pub(crate) fn admits(&self, request: &HttpRequest) -> bool {
        let mut values = request.headers().get_all(header::AUTHORIZATION);
        match (values.next(), values.next()) {
            (Some(value), None) => bearer(value.as_bytes()).is_some_and(|token| self.matches(token)),
            _ => false,
        }
    }

    /// Whether this is the token.
    pub(crate) fn matches(&self, token: &[u8]) -> bool {
        let given: [u8; 32] = Sha256::digest(token).into();
        self.0.iter().zip(given).fold(0, |difference, (own, given)| difference | (own ^ given)) == 0
    }
}

fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

impl std::fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenDigest")
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn admits(headers: &[&str]) -> bool {
        let mut request = TestRequest::default();
        for header in headers {
            request = request.append_header(("authorization", *header));
        }
        TokenDigest::of(&Secret::from("s3cret")).admits(&request.to_http_request())
    }

    #[test]
    fn only_the_token_alone_is_admitted() {
        assert!(admits(&["Bearer s3cret"]) && admits(&["bearer s3cret"]));
        let long = format!("Bearer {}", "x".repeat(60_000));
        for wrong in [
            "Bearer s3cre",
            "Bearer s3crett",
            "Bearer  s3cret",
            "Bearer",
            "Basic s3cret",
            "s3cret",
            "",
            &long,
        ] {
            assert!(!admits(&[wrong]), "{wrong:.40}");
        }
        assert!(!admits(&[]) && !admits(&["Bearer s3cret", "Bearer s3cret"]));
    }
}
