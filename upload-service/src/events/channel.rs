//! What a reader of events wants to hear of.

use serde::Deserialize;
use shipstack_types::DeploymentId;

/// A selection of events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Channel {
    /// All deployments: `deployments`, or none named.
    #[default]
    Deployments,
    /// One: `deployment:<id>`.
    Deployment(DeploymentId),
}

impl Channel {
    pub(super) fn has(&self, id: &DeploymentId) -> bool {
        match self {
            Self::Deployments => true,
            Self::Deployment(own) => own == id,
        }
    }
}

impl TryFrom<String> for Channel {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let none = "no such channel";
        match text.split_once(':') {
            None if text.is_empty() || text == "deployments" => Ok(Self::Deployments),
            Some(("deployment", id)) => id.parse().map(Self::Deployment).map_err(|_| none),
            _ => Err(none),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_everything_or_one_deployment() {
        let parse = |text: &str| Channel::try_from(text.to_owned());
        assert_eq!(parse(""), Ok(Channel::Deployments));
        assert_eq!(parse("deployments"), Ok(Channel::Deployments));
        let one = parse("deployment:abc").unwrap();
        assert!(one.has(&"abc".parse().unwrap()) && !one.has(&"abcd".parse().unwrap()));
        for wrong in ["deployment", "deployment:", "deployment:a/b", "deployments:", "projects", "x:abc"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
