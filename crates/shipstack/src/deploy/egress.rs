//! What a build may ask of the network, as far as it shall be less than the operator allows.

use clap::Args;
use serde_json::{Map, Value};
use shipstack_settings::ByteSize;
use shipstack_types::NetworkAccess;

/// What the build may ask of the network. It can only be less than the operator allows.
#[derive(Args, Debug)]
#[command(next_help_heading = "Build")]
pub(crate) struct EgressArgs {
    /// When the build has a network: none, install-only or open
    #[arg(long, value_name = "WHEN")]
    network: Option<NetworkAccess>,

    /// Host, or host:port, that the build reaches, and no other; may be given again
    #[arg(long = "allow-host", value_name = "HOST")]
    hosts: Vec<String>,

    /// How much the build may receive from the network, such as 500MiB
    #[arg(long, value_name = "SIZE")]
    max_received: Option<ByteSize>,

    /// How much the build may send to the network
    #[arg(long, value_name = "SIZE")]
    max_sent: Option<ByteSize>,
}

impl EgressArgs {
    /// As `build.egress` of a JSON request.
    pub(super) fn as_json(&self) -> Map<String, Value> {
        let hosts = (!self.hosts.is_empty()).then(|| self.hosts.clone().into());
        let values = [
            ("network", self.network.map(|network| network.as_str().into())),
            ("hosts", hosts),
            ("maxReceivedBytes", self.max_received.map(|size| size.get().into())),
            ("maxSentBytes", self.max_sent.map(|size| size.get().into())),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// As the query of an upload.
    pub(super) fn as_query(&self) -> impl Iterator<Item = (String, String)> {
        let text = |value: Value| match value {
            Value::String(text) => text,
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        };
        self.as_json().into_iter().map(move |(name, value)| (format!("egress.{name}"), text(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        egress: EgressArgs,
    }

    #[test]
    fn what_is_asked_for_is_sent_in_a_body_and_in_a_query_alike() {
        let line =
            "x --network install-only --allow-host a.example --allow-host b.example:8443 --max-sent 1MiB";
        let egress = Line::parse_from(line.split(' ')).egress;
        let json = Value::from(egress.as_json());
        let expected =
            r#"{"hosts":["a.example","b.example:8443"],"maxSentBytes":1048576,"network":"install-only"}"#;
        assert_eq!(json.to_string(), expected);
        let query: Vec<_> = egress.as_query().map(|(name, value)| format!("{name}={value}")).collect();
        let expected = [
            "egress.hosts=a.example,b.example:8443",
            "egress.maxSentBytes=1048576",
            "egress.network=install-only",
        ];
        assert_eq!(query, expected);
        assert!(Line::parse_from(["x"]).egress.as_json().is_empty());
    }
}
