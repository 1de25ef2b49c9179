//! The network of a build in words: what it may do, and why it was refused a host.

use crate::command_failure::bytes;
use shipstack_types::{EgressBounds, EgressHost, EgressRefusal, NetworkAccess};

/// A refusal in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Host and port.
    pub(crate) host: String,
    /// The rule.
    pub(crate) why: String,
    /// What would allow it, and who can.
    pub(crate) remedy: String,
}

impl Refusal {
    /// What a build with these bounds, under this operator, was refused.
    pub(crate) fn of(
        refused: &EgressHost,
        reason: EgressRefusal,
        bounds: (&EgressBounds, &EgressBounds),
    ) -> Self {
        let host = format!("{}:{}", refused.host, refused.port);
        Self { why: why(reason, bounds.0), remedy: remedy(reason, &host, bounds), host }
    }
}

fn why(reason: EgressRefusal, bounds: &EgressBounds) -> String {
    let text = match reason {
        EgressRefusal::HostNotAllowed => "the operator's list of hosts does not have it",
        EgressRefusal::HostNotListed => "the deployment's own list of hosts does not have it",
        EgressRefusal::PortNotAllowed => "builds reach the ports 80 and 443 only",
        EgressRefusal::AddressNotAllowed => "it is no public address, or no name that resolves to one",
        EgressRefusal::NetworkShut => "the network is for the install only, which has ended",
        EgressRefusal::ReceivedCap => {
            return format!("the build may receive {}, which are used up", bytes(bounds.max_received_bytes));
        }
        EgressRefusal::SentCap => {
            return format!("the build may send {}, which are used up", bytes(bounds.max_sent_bytes));
        }
    };
    text.to_owned()
}

/// The operator's setting where that is what binds, else the deployment's own option.
fn remedy(reason: EgressRefusal, host: &str, (bounds, operator): (&EgressBounds, &EgressBounds)) -> String {
    let (ours, setting, option) = match reason {
        EgressRefusal::HostNotAllowed => {
            return format!("The operator can add {host} to SHIPSTACK_EGRESS_HOSTS.");
        }
        EgressRefusal::HostNotListed => return format!("Add {host} to build.egress.hosts to allow it."),
        EgressRefusal::PortNotAllowed | EgressRefusal::AddressNotAllowed => {
            return format!("The operator can add {host} to SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS.");
        }
        EgressRefusal::NetworkShut => (
            operator.network == NetworkAccess::InstallOnly,
            "set SHIPSTACK_BUILD_NETWORK to open",
            "set build.egress.network to open",
        ),
        EgressRefusal::ReceivedCap => (
            bounds.max_received_bytes == operator.max_received_bytes,
            "raise SHIPSTACK_EGRESS_MAX_RECEIVED",
            "raise build.egress.maxReceivedBytes",
        ),
        EgressRefusal::SentCap => (
            bounds.max_sent_bytes == operator.max_sent_bytes,
            "raise SHIPSTACK_EGRESS_MAX_SENT",
            "raise build.egress.maxSentBytes",
        ),
    };
    if ours { format!("The operator can {setting}.") } else { format!("To allow it, {option}.") }
}

/// What helps a build that failed for want of a network: the operator shut it off, else the deployment did so itself.
pub(crate) fn without_network(operator: &EgressBounds) -> &'static str {
    if operator.network == NetworkAccess::None {
        "The operator allows builds no network: with SHIPSTACK_BUILD_NETWORK=install-only dependencies can be installed."
    } else {
        "This deployment asked for no network: if it has dependencies to install, set build.egress.network \
         (--network) to install-only or leave it out; else read the last lines of the log."
    }
}

/// What is tighter than usual; `None` when nothing is.
pub(crate) fn in_words(bounds: &EgressBounds, usual: &EgressBounds) -> Option<String> {
    let network = match bounds.network {
        NetworkAccess::None => return Some("Network: none, in install and build.".to_owned()),
        NetworkAccess::InstallOnly => Some("for the install only".to_owned()),
        NetworkAccess::Open => None,
    };
    let hosts = bounds.hosts.as_ref().map(|hosts| {
        let names: Vec<String> = hosts.entries().collect();
        if names.is_empty() { "no host".to_owned() } else { format!("only {}", names.join(", ")) }
    });
    let capped =
        |what: &str, now: u64, usual: u64| (now < usual).then(|| format!("{what} at most {}", bytes(now)));
    let received = capped("receives", bounds.max_received_bytes, usual.max_received_bytes);
    let sent = capped("sends", bounds.max_sent_bytes, usual.max_sent_bytes);
    let all: Vec<String> = [network, hosts, received, sent].into_iter().flatten().collect();
    (!all.is_empty()).then(|| format!("Network: {}.", all.join(" · ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(reason: EgressRefusal, bounds: &EgressBounds, operator: &EgressBounds) -> Refusal {
        let host = "a.example".to_owned();
        let refused = EgressHost { host, port: 443, sent: 0, received: 0, requests: 1, reason: Some(reason) };
        Refusal::of(&refused, reason, (bounds, operator))
    }

    #[test]
    fn each_refusal_names_the_setting_that_would_allow_it_and_whose_it_is() {
        let operator = EgressBounds { network: NetworkAccess::InstallOnly, ..EgressBounds::default() };
        let own = EgressBounds {
            network: NetworkAccess::InstallOnly,
            max_sent_bytes: 7,
            ..EgressBounds::default()
        };
        let open = EgressBounds::default();
        for (reason, operator, setting) in [
            (EgressRefusal::HostNotAllowed, &open, "SHIPSTACK_EGRESS_HOSTS"),
            (EgressRefusal::HostNotListed, &open, "build.egress.hosts"),
            (EgressRefusal::PortNotAllowed, &open, "SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS"),
            (EgressRefusal::AddressNotAllowed, &open, "SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS"),
            (EgressRefusal::NetworkShut, &operator, "SHIPSTACK_BUILD_NETWORK"),
            (EgressRefusal::NetworkShut, &open, "build.egress.network"),
            (EgressRefusal::ReceivedCap, &open, "SHIPSTACK_EGRESS_MAX_RECEIVED"),
            (EgressRefusal::SentCap, &open, "build.egress.maxSentBytes"),
        ] {
            let refusal = refusal(reason, &own, operator);
            assert!(refusal.remedy.contains(setting), "{refusal:?}");
            assert_eq!(refusal.host, "a.example:443");
        }
    }

    #[test]
    fn a_build_without_a_network_is_told_who_wanted_it_so() {
        let shut = EgressBounds { network: NetworkAccess::None, ..EgressBounds::default() };
        let own = without_network(&EgressBounds::default());
        assert!(own.contains("This deployment asked for no network") && own.contains("--network"), "{own}");
        let operators = without_network(&shut);
        assert!(
            operators.contains("SHIPSTACK_BUILD_NETWORK") && !operators.contains("--network"),
            "{operators}"
        );
    }

    #[test]
    fn only_what_is_tighter_than_usual_is_said() {
        let usual = EgressBounds::default();
        assert_eq!(in_words(&usual, &usual), None);
        let own = EgressBounds {
            network: NetworkAccess::InstallOnly,
            hosts: Some("a.example,b.example:8443".parse().unwrap()),
            max_received_bytes: 1000,
            ..usual.clone()
        };
        let words =
            "Network: for the install only · only a.example, b.example:8443 · receives at most 1000 bytes.";
        assert_eq!(in_words(&own, &usual).as_deref(), Some(words));
    }
}
