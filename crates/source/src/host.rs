//! Whether a repository's host may be asked: every address it has must be public, unless the operator exempts it.
//!
//! The addresses found are pinned for the fetch, so a name that answers differently a moment later (DNS rebinding)
//! changes nothing. What it is not: a resolver; the system's is used, which honours /etc/hosts.

use shipstack_types::{GitUrl, HostAllowList, is_public};
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// What the look-up of a host found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostCheck {
    /// All its addresses may be asked.
    Public(Vec<IpAddr>),
    /// At least one of them is not public.
    NotPublic,
    /// The name does not exist.
    NotFound,
    /// No answer within the budget, or a resolver out of order.
    NoAnswer,
}

/// Looks a host up, at most for `budget`.
pub async fn check_host(url: &GitUrl, exempt: &HostAllowList, budget: Duration) -> HostCheck {
    if is_never_there(url.host()) && !exempt.allows(url.host(), url.port()) {
        return HostCheck::NotFound;
    }
    let looked_up = tokio::time::timeout(budget, tokio::net::lookup_host((url.host(), url.port()))).await;
    let addresses: Vec<IpAddr> = match looked_up {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        Ok(Err(error)) if says_no_such_name(&error) => return HostCheck::NotFound,
        Ok(Err(_)) | Err(_) => return HostCheck::NoAnswer,
    };
    HostCheck::of(url, addresses, exempt)
}

impl HostCheck {
    /// Judges the addresses that the host of a URL has: one that is not public condemns all, for a mixed answer is an
    /// attack. Only for an exempt host they may be anything.
    #[must_use]
    pub fn of(url: &GitUrl, addresses: Vec<IpAddr>, exempt: &HostAllowList) -> Self {
        let is_exempt = exempt.allows(url.host(), url.port());
        match addresses {
            none if none.is_empty() => Self::NotFound,
            found if is_exempt || found.iter().copied().all(is_public) => Self::Public(found),
            _ => Self::NotPublic,
        }
    }
}

/// Names under `.invalid` do not exist, and a resolver that has an answer for them makes it up (RFC 6761 §6.4).
fn is_never_there(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "invalid" || name.ends_with(".invalid")
}

/// The resolver's codes do not come through the standard library, only their text does; without a locale set, as
/// here, it is English. `Temporary failure in name resolution` is the other one.
fn says_no_such_name(error: &io::Error) -> bool {
    let text = error.to_string();
    ["Name or service not known", "nodename nor servname", "No address associated"]
        .iter()
        .any(|said| text.contains(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn one_address_that_is_not_public_is_enough_to_refuse() {
        let (nobody, listed) = (HostAllowList::default(), "a.example".parse().unwrap());
        let url = GitUrl::parse("https://a.example/b", &nobody).unwrap();
        let mixed = addresses(&["1.1.1.1", "127.0.0.1"]);
        assert_eq!(HostCheck::of(&url, mixed.clone(), &nobody), HostCheck::NotPublic);
        assert_eq!(HostCheck::of(&url, mixed.clone(), &listed), HostCheck::Public(mixed));
        let public = addresses(&["1.1.1.1", "2606:4700::1111"]);
        assert_eq!(HostCheck::of(&url, public.clone(), &nobody), HostCheck::Public(public));
        assert_eq!(HostCheck::of(&url, Vec::new(), &listed), HostCheck::NotFound);
    }

    #[tokio::test]
    async fn what_no_resolver_may_know_does_not_exist_whatever_a_resolver_says() {
        let nobody = HostAllowList::default();
        for text in ["https://nosuchhost.invalid/x.git", "https://git.NoSuchHost.INVALID./x"] {
            let url = GitUrl::parse(text, &nobody).unwrap();
            // No resolver answers within that.
            assert_eq!(check_host(&url, &nobody, Duration::ZERO).await, HostCheck::NotFound, "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_public() {
        let exempt: HostAllowList = "localhost:80".parse().unwrap();
        let url = GitUrl::parse("http://localhost/a", &exempt).unwrap();
        let budget = Duration::from_secs(5);
        assert_eq!(check_host(&url, &HostAllowList::default(), budget).await, HostCheck::NotPublic);
        assert!(matches!(check_host(&url, &exempt, budget).await, HostCheck::Public(_)));
    }
}
