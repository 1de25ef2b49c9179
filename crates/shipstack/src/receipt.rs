//! What a build asked of the network, in words.

use shipstack_types::{EgressHost, EgressReceipt};

use crate::terminal_text::{counted, shown, size};

/// Hosts that are listed, most traffic first; the whole receipt is in the JSON.
const HOSTS_SHOWN: usize = 10;

/// What the build asked of the network.
pub(crate) fn network(receipt: &EgressReceipt) -> Vec<(&'static str, String)> {
    let (sent, received) = receipt.totals();
    let access = receipt.network.map(|access| format!("{}, ", access.as_str())).unwrap_or_default();
    let hosts = counted(many(&receipt.allowed), "host");
    let mut lines =
        vec![("network", format!("{access}{hosts}, {} received, {} sent", size(received), size(sent)))];
    let mut reached: Vec<&EgressHost> = receipt.allowed.iter().collect();
    reached.sort_by_key(|host| std::cmp::Reverse(host.received.saturating_add(host.sent)));
    let reached = reached.iter().take(HOSTS_SHOWN).map(|host| {
        let (received, sent) = (size(host.received), size(host.sent));
        ("", format!("{}, {received} received, {sent} sent", place(host)))
    });
    lines.extend(reached);
    let refused = receipt.refused.iter().take(HOSTS_SHOWN).map(|host| {
        let reason = host.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        ("refused", format!("{}{reason}", place(host)))
    });
    lines.extend(refused);
    let left = [&receipt.allowed, &receipt.refused].map(|hosts| hosts.len().saturating_sub(HOSTS_SHOWN));
    if left != [0, 0] {
        lines.push(("", format!("{} more hosts and {} more refusals with --json", left[0], left[1])));
    }
    lines
}

fn many(hosts: &[EgressHost]) -> u64 {
    u64::try_from(hosts.len()).unwrap_or(u64::MAX)
}

fn place(host: &EgressHost) -> String {
    format!("{}:{}", shown(&host.host), host.port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_shows_hosts_by_traffic_refusals_with_their_rule_and_what_is_left_out() {
        let host = |name: &str, received| {
            serde_json::json!({
                "host": name, "port": 443, "sent": 1024, "received": received, "requests": 1,
            })
        };
        let mut refused = host("evil\u{1b}[2Jx.example", 0);
        refused["reason"] = "host_not_listed".into();
        let few: Vec<_> = (0..11).map(|number| host(&format!("h{number}.example"), number << 20)).collect();
        let receipt = serde_json::json!({ "network": "install-only", "allowed": few, "refused": [refused] });
        let lines = network(&serde_json::from_value(receipt).unwrap());
        assert_eq!(
            lines[0],
            ("network", "install-only, 11 hosts, 55.0 MiB received, 11.0 KiB sent".to_owned())
        );
        assert_eq!(lines[1].1, "h10.example:443, 10.0 MiB received, 1.0 KiB sent");
        assert_eq!(lines[11], ("refused", "evilx.example:443: host_not_listed".to_owned()));
        assert!(lines[12].1.contains("1 more hosts and 0 more refusals"), "{lines:?}");
    }
}
