//! Lists of hosts that are exempt from the public-address rule.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// An operator's list `host[:port],host[:port]…`. A host without a port counts on every port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostAllowList(Vec<(String, Option<u16>)>);

/// An entry of the list is not `host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is not host[:port]")]
pub struct InvalidHostEntry {
    /// The entry as given.
    pub entry: String,
}

impl HostAllowList {
    /// Whether this host may resolve to a non-public address on this port. `host` is compared in lower case and
    /// without brackets.
    #[must_use]
    pub fn allows(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        self.0.iter().any(|(name, only)| *name == host && only.is_none_or(|only| only == port))
    }

    /// Whether this host with exactly this port is listed, so that a port other than 80 and 443 is meant.
    #[must_use]
    pub fn names_port(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        self.0.iter().any(|(name, only)| *name == host && *only == Some(port))
    }

    /// Whether nothing is exempt.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// A list of these entries.
    pub fn of(entries: &[String]) -> Result<Self, InvalidHostEntry> {
        entries.iter().map(|entry| parse_entry(entry.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// The entries, each as `host` or `host:port`.
    pub fn entries(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(written)
    }

    /// What both lists allow.
    #[must_use]
    pub fn in_both(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|ours| other.0.iter().map(move |theirs| (ours, theirs)));
        let both = pairs.filter_map(|((host, our_port), (name, their_port))| {
            let port = match (our_port, their_port) {
                (Some(ours), Some(theirs)) if ours != theirs => return None,
                (ours, theirs) => ours.or(*theirs),
            };
            (host == name).then(|| (host.clone(), port))
        });
        Self(both.collect())
    }
}

fn written((host, port): &(String, Option<u16>)) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    port.map_or(host.clone(), |port| format!("{host}:{port}"))
}

impl FromStr for HostAllowList {
    type Err = InvalidHostEntry;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(parse_entry).collect::<Result<_, _>>().map(Self)
    }
}

fn parse_entry(entry: &str) -> Result<(String, Option<u16>), InvalidHostEntry> {
    let invalid = || InvalidHostEntry { entry: entry.to_owned() };
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, Some(port.parse::<u16>().map_err(|_| invalid())?))
        }
        _ => (entry, None),
    };
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
    if host.is_empty() || !host.chars().all(legal) {
        return Err(invalid());
    }
    Ok((host, port))
}

impl TryFrom<String> for HostAllowList {
    type Error = InvalidHostEntry;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<HostAllowList> for String {
    fn from(list: HostAllowList) -> Self {
        list.entries().collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_host_is_exempt_on_its_port_only() {
        let list: HostAllowList = "Git.example:8443, registry.example ,[::1]:80".parse().unwrap();
        assert!(list.allows("git.example", 8443));
        assert!(!list.allows("git.example", 443));
        assert!(list.allows("registry.example", 443));
        assert!(list.allows("[::1]", 80));
        assert!(!list.allows("evil.registry.example", 443));
        let text = String::from(list.clone());
        assert_eq!(text.parse::<HostAllowList>().unwrap(), list);
    }

    #[test]
    fn an_entry_that_is_no_host_is_named() {
        assert_eq!("a/b".parse::<HostAllowList>().unwrap_err().entry, "a/b");
        assert!("a:99999".parse::<HostAllowList>().is_err());
    }
}
