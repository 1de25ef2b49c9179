//! The URL of a repository, accepted only when it comes out of the parser as it went in.

use crate::HostAllowList;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

const MAX_BYTES: usize = 2048;
const MAX_PATH_BYTES: usize = 1024;

/// A repository's URL: `http` or `https`, no credentials, no fragment, a port of 80 or 443 (others only for hosts
/// that the operator lists), and never a spelling that the parser had to repair. Whether the host's addresses are
/// public is asked when it is resolved; literal addresses are asked here.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GitUrl(Url);

/// Why a text is no acceptable repository URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidGitUrl {
    /// Not an absolute URL, or one that the parser would repair.
    #[error("Repository URL must be a valid absolute URL")]
    Malformed,
    /// Another scheme than http and https.
    #[error("Only http(s) repository URLs are allowed")]
    Scheme,
    /// A user name or password.
    #[error("The URL must not contain a user name or password.")]
    Credentials,
    /// A non-public literal address, a local name, or a port that is not allowed.
    #[error("The host resolves to an address that is not public.")]
    Address,
}

impl GitUrl {
    /// Parses and checks a URL. `exempt` lists the hosts that may be local and may use other ports.
    pub fn parse(text: &str, exempt: &HostAllowList) -> Result<Self, InvalidGitUrl> {
        if text.len() > MAX_BYTES || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(InvalidGitUrl::Malformed);
        }
        check_scheme(text)?;
        let url = Url::parse(text).map_err(|_| InvalidGitUrl::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(InvalidGitUrl::Credentials);
        }
        // What was meant is judged before how it was spelled: `https://127.1/` is told about its address.
        check_host(&url, exempt)?;
        let is_sound = is_host_name(&url) && url.path().len() <= MAX_PATH_BYTES && url.fragment().is_none();
        if !is_sound || !is_as_written(&url, text) {
            return Err(InvalidGitUrl::Malformed);
        }
        Ok(Self(url))
    }

    /// The URL as git gets it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// The port, given or the scheme's own.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// What two URLs of the same repository share: host, port and path without `.git` and closing slashes.
    #[must_use]
    pub fn repository(&self) -> String {
        let path = self.0.path().trim_end_matches('/');
        // `/a/.git` is the repository in the folder `/a`.
        let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
        format!("{}:{}{path}", self.host(), self.port())
    }
}

/// A Windows path or a transport such as `ext::` is another scheme, not a broken URL.
fn check_scheme(text: &str) -> Result<(), InvalidGitUrl> {
    let (scheme, rest) = text.split_once(':').ok_or(InvalidGitUrl::Malformed)?;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    if scheme.is_empty() || !scheme.chars().all(legal) || scheme.starts_with('-') {
        return Err(InvalidGitUrl::Malformed);
    }
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(InvalidGitUrl::Scheme);
    }
    if rest.starts_with(':') {
        return Err(InvalidGitUrl::Scheme);
    }
    if !rest.starts_with("//") || rest.starts_with("///") {
        return Err(InvalidGitUrl::Malformed);
    }
    Ok(())
}

/// The part of a text between `//` and the next `/`, `?` or `#`.
fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Scheme and host may differ in case, a default port and an empty path may be left out; nothing else may change.
fn is_as_written(url: &Url, text: &str) -> bool {
    let written_authority = authority(text);
    let written_rest =
        text.split_once("//").and_then(|(_, rest)| rest.get(written_authority.len()..)).unwrap_or("");
    let host = url.host_str().unwrap_or_default();
    let spellings = [host.to_owned(), format!("{host}:{}", url.port_or_known_default().unwrap_or(0))];
    let same_host = spellings.iter().any(|spelling| spelling.eq_ignore_ascii_case(written_authority));
    let rest = url.as_str().split_once("//").map_or("", |(_, rest)| rest);
    let rest = rest.get(authority(url.as_str()).len()..).unwrap_or("");
    same_host && (rest == written_rest || (written_rest.is_empty() && rest == "/"))
}

fn check_host(url: &Url, exempt: &HostAllowList) -> Result<(), InvalidGitUrl> {
    let port = url.port_or_known_default().unwrap_or(0);
    let host = url.host().ok_or(InvalidGitUrl::Malformed)?;
    let name = host.to_string();
    if exempt.allows(&name, port) && (matches!(port, 80 | 443) || exempt.names_port(&name, port)) {
        return Ok(());
    }
    let reachable = match host {
        Host::Ipv4(address) => crate::is_public(IpAddr::V4(address)),
        Host::Ipv6(address) => crate::is_public(IpAddr::V6(address)),
        Host::Domain(domain) => is_public_name(domain),
    };
    if reachable && matches!(port, 80 | 443) { Ok(()) } else { Err(InvalidGitUrl::Address) }
}

/// A name that can be looked up: labels of 1 to 63 letters, digits, underscores and inner hyphens (RFC 1123 and practice). The parser takes more.
fn is_host_name(url: &Url) -> bool {
    let Some(Host::Domain(domain)) = url.host() else { return true };
    let is_label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len())
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = domain.strip_suffix('.').unwrap_or(domain);
    name.len() <= 253 && name.split('.').all(is_label)
}

/// A name with a dot that is not under a top-level domain reserved for local use. `.invalid` is reserved for names that
/// do not exist (RFC 6761), which is for the look-up to say.
fn is_public_name(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let Some((_, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let local = ["localhost", "local", "internal", "svc", "lan", "home", "arpa", "onion", "test"];
    !local.contains(&top)
}

impl fmt::Display for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> InvalidGitUrl {
        GitUrl::parse(text, &HostAllowList::default()).expect_err(text)
    }

    #[test]
    fn an_ordinary_url_is_taken_as_it_is() {
        for text in [
            "https://github.com/a/b",
            "https://github.com/a/b.git",
            "http://example.com/x",
            "https://example.com:443/x?y=z",
            "HTTPS://GitHub.com/a/b",
            "https://example.com",
        ] {
            GitUrl::parse(text, &HostAllowList::default()).expect(text);
        }
    }

    #[test]
    fn another_scheme_is_refused_as_such() {
        for text in [
            "file:///etc/passwd",
            "git://h/x",
            "ftp://h/x",
            "gopher://h",
            "dict://h",
            "data:x",
            "javascript:x",
            "ssh://git@h/x",
            "ext::sh -c x",
            "fd::3",
            "https::ext::sh",
            "C:/x",
            "git+ssh://h/x",
        ] {
            let why = refusal(text);
            assert!(matches!(why, InvalidGitUrl::Scheme | InvalidGitUrl::Malformed), "{text}: {why:?}");
        }
        assert_eq!(refusal("file:///etc/passwd"), InvalidGitUrl::Scheme);
        assert_eq!(refusal("https::ext::sh"), InvalidGitUrl::Scheme);
    }

    #[test]
    fn what_the_parser_would_repair_is_refused() {
        for text in [
            "",
            "not a url",
            "/srv/repo",
            "../x",
            "--upload-pack=touch",
            "https:/github.com/a",
            "https:github.com/a",
            "https:\\\\github.com\\a",
            "https:///github.com/a",
            " https://github.com/a",
            "https://github.com/\ta",
            "https://github.com/a\n",
            "https://github.com/a/../b",
            "https://github.com/a b",
            "https://github.com/a#f",
            "https://exa\u{202e}mple.com/x",
            "https://a.b:65536/",
            "https://",
        ] {
            assert_eq!(refusal(text), InvalidGitUrl::Malformed, "{text:?}");
        }
    }

    #[test]
    fn a_name_that_cannot_be_looked_up_is_refused() {
        let long = format!("https://{}.example.com/a", "a".repeat(64));
        for text in
            ["https://git..example.com/a", "https://-a.example.com/a", "https://a-.example.com/a", &long]
        {
            assert_eq!(refusal(text), InvalidGitUrl::Malformed, "{text}");
        }
        let fine = "https://my_git.example-1.com./a/b.git";
        assert!(GitUrl::parse(fine, &HostAllowList::default()).is_ok(), "{fine}");
    }

    #[test]
    fn credentials_are_refused() {
        for text in ["https://github.com@evil.example/x", "https://u:p@github.com/x", "https://@github.com/x"]
        {
            assert_eq!(refusal(text), InvalidGitUrl::Credentials, "{text}");
        }
        refusal("https://github.com%40evil/x");
    }

    #[test]
    fn an_address_that_is_not_public_is_refused_in_every_spelling() {
        for text in [
            "https://127.0.0.1/x",
            "https://127.1/x",
            "https://0x7f.1/x",
            "https://2130706433/x",
            "https://017700000001/x",
            "https://0/x",
            "https://①②⑦.⓪.⓪.①/x",
            "https://[::1]/x",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[2002:7f00:1::]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://10.0.0.5/",
            "https://169.254.169.254/latest",
            "https://localhost/",
            "https://localhost./",
            "https://LOCALHOST/",
            "https://foo.localhost/",
            "https://redis:6379/",
            "https://minio/",
            "https://host.docker.internal/",
            "https://kubernetes.default.svc/",
            "https://a.b:6379/",
            "https://a.b:22/",
            "https://a.b:0/",
        ] {
            assert_eq!(refusal(text), InvalidGitUrl::Address, "{text}");
        }
    }

    #[test]
    fn a_listed_host_may_be_local_and_use_its_own_port() {
        let exempt: HostAllowList = "127.0.0.1:3333".parse().unwrap();
        assert_eq!(GitUrl::parse("http://127.0.0.1:3333/a.git", &exempt).unwrap().port(), 3333);
        assert!(GitUrl::parse("http://127.0.0.1:3334/a.git", &exempt).is_err());
        assert!(GitUrl::parse("http://127.1:3333/a.git", &exempt).is_err(), "the spelling still counts");
    }

    #[test]
    fn the_same_repository_has_the_same_name() {
        let name = |text| GitUrl::parse(text, &HostAllowList::default()).unwrap().repository();
        assert_eq!(name("https://GitHub.com/a/b.git"), name("https://github.com/a/b/"));
        assert_eq!(name("https://github.com/a/b/.git"), name("https://github.com/a/b"));
    }
}
