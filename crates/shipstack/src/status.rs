//! `shipstack status`.

use shipstack_types::{Deployment, EgressHost, EgressReceipt};

use crate::cli::AnswerAs;
use crate::client::{Api, OneArgs};
use crate::console::{answer, answer_json};
use crate::terminal_text::size;
use crate::{Exit, terminal_text};

pub(crate) async fn run(args: &OneArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let deployment = Api::new(&args.client)?.deployment(&args.id).await?;
    show(&deployment, answer_as);
    Ok(Exit::Done)
}

/// A deployment as the answer of a command.
pub(crate) fn show(deployment: &Deployment, answer_as: AnswerAs) {
    match answer_as {
        AnswerAs::Json => answer_json(deployment),
        AnswerAs::Text => describe(deployment).iter().for_each(|line| answer(line)),
    }
}

fn describe(deployment: &Deployment) -> Vec<String> {
    let mut lines = vec![
        format!("{:<10} {}", "status", standing(deployment)),
        format!("{:<10} {}", "url", deployment.url),
    ];
    let source = deployment.source.commit.as_ref().map(|commit| format!("commit {commit}"));
    lines.extend(source.map(|source| format!("{:<10} {source}", "source")));
    lines.push(format!("{:<10} {}", "created", deployment.created_at));
    lines.extend(deployment.ended_at.map(|ended| format!("{:<10} {ended}", "ended")));
    lines.extend(deployment.files.zip(deployment.bytes).map(|(files, bytes)| {
        format!("{:<10} {}, {bytes} bytes", "site", terminal_text::counted(files, "file"))
    }));
    lines.extend(deployment.egress.iter().flat_map(network));
    if let Some(failure) = &deployment.failure {
        lines.push(format!("{:<10} {}: {}", "failure", failure.code, terminal_text::shown(&failure.message)));
        lines.push(format!("{:<10} {}", "remedy", terminal_text::shown(&failure.remedy)));
    }
    lines
}

/// Hosts that are listed, most traffic first; the whole receipt is in the JSON.
const HOSTS_SHOWN: usize = 10;

/// What the build asked of the network.
fn network(receipt: &EgressReceipt) -> Vec<String> {
    let (sent, received) = receipt.totals();
    let access = receipt.network.map(|access| format!("{}, ", access.as_str())).unwrap_or_default();
    let hosts = terminal_text::counted(counted(&receipt.allowed), "host");
    let mut lines =
        vec![format!("{:<10} {access}{hosts}, {} received, {} sent", "network", size(received), size(sent))];
    let mut reached: Vec<&EgressHost> = receipt.allowed.iter().collect();
    reached.sort_by_key(|host| std::cmp::Reverse(host.received.saturating_add(host.sent)));
    let reached = reached.iter().take(HOSTS_SHOWN).map(|host| {
        let (received, sent) = (size(host.received), size(host.sent));
        format!("{:<10} {}, {received} received, {sent} sent", "", place(host))
    });
    lines.extend(reached);
    let refused = receipt.refused.iter().take(HOSTS_SHOWN).map(|host| {
        let reason = host.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{:<10} {}{reason}", "refused", place(host))
    });
    lines.extend(refused);
    let left = [&receipt.allowed, &receipt.refused].map(|hosts| hosts.len().saturating_sub(HOSTS_SHOWN));
    if left != [0, 0] {
        lines.push(format!("{:<10} {} more hosts and {} more refusals with --json", "", left[0], left[1]));
    }
    lines
}

fn counted(hosts: &[EgressHost]) -> u64 {
    u64::try_from(hosts.len()).unwrap_or(u64::MAX)
}

fn place(host: &EgressHost) -> String {
    format!("{}:{}", terminal_text::shown(&host.host), host.port)
}

fn standing(deployment: &Deployment) -> String {
    let phase = deployment.phase.map(|phase| format!(", {phase}")).unwrap_or_default();
    let place =
        deployment.queue_position.map(|place| format!(", number {place} in the queue")).unwrap_or_default();
    format!("{}{phase}{place}", deployment.status)
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
        assert_eq!(lines[0], "network    install-only, 11 hosts, 55.0 MiB received, 11.0 KiB sent");
        assert_eq!(lines[1].trim(), "h10.example:443, 10.0 MiB received, 1.0 KiB sent");
        assert_eq!(lines[11], "refused    evilx.example:443: host_not_listed");
        assert!(lines[12].contains("1 more hosts and 0 more refusals"), "{lines:?}");
    }
}
