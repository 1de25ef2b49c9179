//! The session of a browser: whoever showed the token once carries a signed value in a cookie, and no page ever holds
//! the token itself.
//!
//! The value says until when it counts and is signed with a key made from the token: nothing is stored, every process
//! of an installation believes it, and a new token ends all sessions. Signing out takes the cookie from the browser; a
//! value that was copied before counts until its time is over.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration as CookieTime;
use actix_web::cookie::{Cookie, SameSite};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use shipstack_settings::{ExposeSecret as _, Secret};
use shipstack_types::Timestamp;
use std::time::Duration;

/// The cookie's name. Cookies do not tell ports apart, so what is served beside us may see it; it never counts there.
pub const SESSION_COOKIE: &str = "shipstack_session";
/// A working week and a weekend: asked often enough to notice a stolen machine, seldom enough not to annoy.
const LASTING: Duration = Duration::from_hours(7 * 24);
/// Keeps this key apart from any other use of the token.
const PURPOSE: &[u8] = b"shipstack session v1\0";

/// Whether the cookie may travel without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// People reach us over TLS: never without it.
    Tls,
    /// Plain HTTP, as on one machine.
    Plain,
}

/// Makes and believes sessions.
#[derive(Clone)]
pub(crate) struct Sessions {
    /// As long as HMAC-SHA256 takes it: a shorter one is filled up with zeroes (RFC 2104 §2).
    key: [u8; 64],
    transport: Transport,
}

impl Sessions {
    pub(crate) fn of(token: &Secret, transport: Transport) -> Self {
        let digest = Sha256::new().chain_update(PURPOSE).chain_update(token.expose_secret()).finalize();
        let mut key = [0; 64];
        key.iter_mut().zip(digest).for_each(|(place, byte)| *place = byte);
        Self { key, transport }
    }

    /// A new session from now on: when it ends, and its cookie.
    pub(crate) fn begin(&self, now: Timestamp) -> (Timestamp, Cookie<'static>) {
        let ends = now.plus(LASTING);
        let what = format!("{}.{:016x}", ends.as_millis(), rand::random::<u64>());
        let value = format!("{what}.{}", HEXLOWER.encode(&self.mac(&what).finalize().into_bytes()));
        let seconds = i64::try_from(LASTING.as_secs()).unwrap_or(i64::MAX);
        (ends, self.cookie(value, CookieTime::seconds(seconds)))
    }

    /// The cookie that takes a session from the browser.
    pub(crate) fn end(&self) -> Cookie<'static> {
        self.cookie(String::new(), CookieTime::ZERO)
    }

    /// Whether the request carries a session of ours that still counts.
    pub(crate) fn admits(&self, request: &HttpRequest, now: Timestamp) -> bool {
        let Ok(cookies) = request.cookies() else { return false };
        let mut ours = cookies.iter().filter(|cookie| cookie.name() == SESSION_COOKIE);
        ours.any(|cookie| self.counts(cookie.value(), now))
    }

    fn counts(&self, value: &str, now: Timestamp) -> bool {
        let Some((what, signature)) = value.rsplit_once('.') else { return false };
        let Ok(signature) = HEXLOWER.decode(signature.as_bytes()) else { return false };
        // `verify_slice` takes the same time wherever the difference is.
        if self.mac(what).verify_slice(&signature).is_err() {
            return false;
        }
        let ends = what.split_once('.').and_then(|(ends, _)| ends.parse().ok());
        ends.is_some_and(|ends| now < Timestamp::from_millis(ends))
    }

    fn mac(&self, what: &str) -> Hmac<Sha256> {
        Hmac::<Sha256>::new(&self.key.into()).chain_update(what)
    }

    fn cookie(&self, value: String, lasting: CookieTime) -> Cookie<'static> {
        Cookie::build(SESSION_COOKIE, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.transport == Transport::Tls)
            .max_age(lasting)
            .finish()
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn sessions(token: &str) -> Sessions {
        Sessions::of(&Secret::from(token), Transport::Plain)
    }

    fn admits(sessions: &Sessions, value: &str, now: u64) -> bool {
        let request = TestRequest::default().cookie(Cookie::new(SESSION_COOKIE, value.to_owned()));
        sessions.admits(&request.to_http_request(), Timestamp::from_millis(now))
    }

    #[test]
    fn a_session_counts_until_its_end_and_only_for_its_token() {
        let ours = sessions("s3cret");
        let (ends, cookie) = ours.begin(Timestamp::from_millis(1000));
        let value = cookie.value().to_owned();
        assert!(admits(&ours, &value, 1000) && admits(&ours, &value, ends.as_millis() - 1));
        assert!(!admits(&ours, &value, ends.as_millis()));
        assert!(!admits(&sessions("other"), &value, 1000));
        assert!(!value.contains("s3cret") && !value.contains(&HEXLOWER.encode(&Sha256::digest("s3cret"))));
    }

    #[test]
    fn a_session_that_was_changed_counts_for_nothing() {
        let ours = sessions("s3cret");
        let (_, cookie) = ours.begin(Timestamp::from_millis(1000));
        let value = cookie.value();
        let (what, signature) = value.rsplit_once('.').unwrap();
        let longer = format!("9{what}.{signature}");
        let shorter = value.get(..value.len() - 2).unwrap();
        let upper = value.to_ascii_uppercase();
        for wrong in ["", ".", "..", what, signature, &longer, shorter, &upper, "9999999999999.0."] {
            assert!(!admits(&ours, wrong, 1000), "{wrong}");
        }
    }

    #[test]
    fn the_cookie_is_kept_from_pages_and_from_other_sites() {
        let (_, cookie) = Sessions::of(&Secret::from("t"), Transport::Tls).begin(Timestamp::from_millis(0));
        let text = cookie.to_string();
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age="] {
            assert!(text.contains(attribute), "{text}");
        }
        assert!(!text.contains("Domain="), "host-only: no deployment's host gets it");
        assert!(sessions("t").end().to_string().contains("Max-Age=0"));
    }
}
