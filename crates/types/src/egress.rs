//! What a build may ask of the network: the words that operator, repository and request use alike.
//!
//! Guarantee: whoever comes later can only tighten. There is no way to a wider policy than the operator's.

use crate::HostAllowList;
use crate::options::{InvalidOption, refuse};
use serde::{Deserialize, Serialize};

/// When a build has a network. Ordered: the smaller one is the tighter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NetworkAccess {
    /// Never.
    None,
    /// Until the install has ended.
    InstallOnly,
    /// In install and build: public addresses, through the proxy.
    Open,
}

impl NetworkAccess {
    /// All, tightest first.
    pub const ALL: [Self; 3] = [Self::None, Self::InstallOnly, Self::Open];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::InstallOnly => "install-only",
            Self::Open => "open",
        }
    }
}

/// A word that is none of `none`, `install-only`, `open`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the network is none, install-only or open")]
pub struct InvalidNetworkAccess;

impl std::str::FromStr for NetworkAccess {
    type Err = InvalidNetworkAccess;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|access| access.as_str() == name).ok_or(InvalidNetworkAccess)
    }
}

/// What a deployment or a repository wants tighter than the operator has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressOptions {
    /// When the build has a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkAccess>,
    /// The only hosts, each as `host` or `host:port`, that the build reaches.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_list")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub hosts: Option<HostAllowList>,
    /// Most bytes that the build receives.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "max_received_bytes")]
    pub max_received_bytes: Option<u64>,
    /// Most bytes that the build sends.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "max_sent_bytes")]
    pub max_sent_bytes: Option<u64>,
}

impl EgressOptions {
    /// Most hosts in a list.
    pub const MAX_HOSTS: usize = 64;

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The tighter of both in everything.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let hosts = match (&self.hosts, &other.hosts) {
            (Some(ours), Some(theirs)) => Some(ours.in_both(theirs)),
            (ours, theirs) => ours.clone().or_else(|| theirs.clone()),
        };
        Self {
            network: tighter(self.network, other.network),
            hosts,
            max_received_bytes: tighter(self.max_received_bytes, other.max_received_bytes),
            max_sent_bytes: tighter(self.max_sent_bytes, other.max_sent_bytes),
        }
    }

    pub(crate) fn check(&self) -> Result<(), InvalidOption> {
        let hosts = self.hosts.as_ref().map_or(1, HostAllowList::len);
        if hosts == 0 {
            return Err(refuse("egress.hosts", "is empty; the network none is what reaches nothing"));
        }
        if hosts > Self::MAX_HOSTS {
            return Err(refuse("egress.hosts", "has more than 64 hosts"));
        }
        Ok(())
    }
}

fn tighter<T: Ord + Copy>(ours: Option<T>, theirs: Option<T>) -> Option<T> {
    ours.into_iter().chain(theirs).min()
}

/// What one build may do on the network: the operator's bound, tightened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EgressBounds {
    /// When it has a network.
    pub network: NetworkAccess,
    /// The only hosts, beside the operator's own list.
    pub hosts: Option<HostAllowList>,
    /// Most bytes to the build.
    pub max_received_bytes: u64,
    /// Most bytes from the build.
    pub max_sent_bytes: u64,
}

impl Default for EgressBounds {
    /// As much as the workspace takes; and of what a build sends, requests and telemetry, far more than any needs.
    fn default() -> Self {
        let gib = 1 << 30;
        Self { network: NetworkAccess::Open, hosts: None, max_received_bytes: 10 * gib, max_sent_bytes: gib }
    }
}

impl EgressBounds {
    /// These bounds with what is asked for, where that is tighter.
    #[must_use]
    pub fn tightened_by(&self, asked: &EgressOptions) -> Self {
        let ours = EgressOptions {
            network: Some(self.network),
            hosts: self.hosts.clone(),
            max_received_bytes: Some(self.max_received_bytes),
            max_sent_bytes: Some(self.max_sent_bytes),
        };
        let both = ours.and(asked);
        Self {
            network: both.network.unwrap_or(self.network),
            hosts: both.hosts,
            max_received_bytes: both.max_received_bytes.unwrap_or(self.max_received_bytes),
            max_sent_bytes: both.max_sent_bytes.unwrap_or(self.max_sent_bytes),
        }
    }
}

/// The rule that refused a build a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EgressRefusal {
    /// The operator's list does not have the host.
    HostNotAllowed,
    /// The deployment's own list does not have the host.
    HostNotListed,
    /// Neither 80 nor 443, nor a port that the operator listed.
    PortNotAllowed,
    /// The host resolves to an address that is not public.
    AddressNotAllowed,
    /// The network is shut: the install has ended.
    NetworkShut,
    /// The build has received as many bytes as it may.
    ReceivedCap,
    /// The build has sent as many bytes as it may.
    SentCap,
}

impl EgressRefusal {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HostNotAllowed => "host_not_allowed",
            Self::HostNotListed => "host_not_listed",
            Self::PortNotAllowed => "port_not_allowed",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::NetworkShut => "network_shut",
            Self::ReceivedCap => "received_cap",
            Self::SentCap => "sent_cap",
        }
    }
}

impl std::fmt::Display for EgressRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A list of hosts as JSON has lists; settings have it as one text.
mod as_list {
    use crate::HostAllowList;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        hosts: &Option<HostAllowList>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(hosts.iter().flat_map(HostAllowList::entries))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<HostAllowList>, D::Error> {
        let entries = Option::<Vec<String>>::deserialize(deserializer)?;
        entries.map(|entries| HostAllowList::of(&entries)).transpose().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> EgressOptions {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn nothing_that_is_asked_for_is_wider_than_the_operators_bound() {
        let operator = EgressBounds {
            network: NetworkAccess::InstallOnly,
            max_received_bytes: 1000,
            max_sent_bytes: 100,
            ..EgressBounds::default()
        };
        let asked = options(r#"{"network":"open","maxReceivedBytes":5000,"maxSentBytes":5000}"#);
        assert_eq!(operator.tightened_by(&asked), operator);
        let asked = options(r#"{"network":"none","hosts":["A.example"],"maxReceivedBytes":5}"#);
        let both = operator.tightened_by(&asked);
        assert_eq!(
            (both.network, both.max_received_bytes, both.max_sent_bytes),
            (NetworkAccess::None, 5, 100)
        );
        assert!(both.hosts.unwrap().allows("a.example", 443));
    }

    #[test]
    fn two_lists_leave_what_is_in_both_even_when_that_is_nothing() {
        let one = options(r#"{"hosts":["a.example","b.example:443","c.example:80"]}"#);
        let other = options(r#"{"hosts":["b.example","a.example:8080","c.example:443"]}"#);
        let both = one.and(&other).hosts.unwrap();
        assert_eq!(both.entries().collect::<Vec<_>>(), ["a.example:8080", "b.example:443"]);
        let nothing = one.and(&options(r#"{"hosts":["d.example"]}"#)).hosts.unwrap();
        assert!(nothing.is_empty(), "an empty list is not the absence of one");
    }

    #[test]
    fn what_is_stored_is_read_again_and_what_is_unknown_is_refused() {
        let json = r#"{"network":"install-only","hosts":["a.example","[::1]:443"],"maxSentBytes":7}"#;
        let asked = options(json);
        assert_eq!(serde_json::to_string(&asked).unwrap(), json);
        for bad in [
            r#"{"network":"bridge"}"#,
            r#"{"hosts":["a/b"]}"#,
            r#"{"hosts":["a,b"]}"#,
            r#"{"hosts":"a"}"#,
            r#"{"maxSentBytes":-1}"#,
            r#"{"ports":[25]}"#,
        ] {
            assert!(serde_json::from_str::<EgressOptions>(bad).is_err(), "{bad}");
        }
        assert!(options(r#"{"hosts":[]}"#).check().is_err());
        let many: Vec<String> = (0..65).map(|n| format!("h{n}.example")).collect();
        let many =
            EgressOptions { hosts: Some(HostAllowList::of(&many).unwrap()), ..EgressOptions::default() };
        assert!(many.check().is_err());
    }

    #[test]
    fn every_reason_is_written_as_it_is_named() {
        let json = serde_json::to_value(EgressRefusal::NetworkShut).unwrap();
        assert_eq!(json, EgressRefusal::NetworkShut.as_str());
        for access in NetworkAccess::ALL {
            assert_eq!(serde_json::to_value(access).unwrap(), access.as_str());
            assert_eq!(access.as_str().parse(), Ok(access));
        }
    }
}
