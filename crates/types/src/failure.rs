//! Why a deployment failed, in words a person can act on.

use crate::{Code, Fault, Phase};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where in a deployment's life a failure arose: its phase, or `api` before there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Refused by the API.
    Api,
    /// In a phase of the job.
    #[serde(untagged)]
    Job(Phase),
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api => f.write_str("api"),
            Self::Job(phase) => phase.fmt(f),
        }
    }
}

impl From<Phase> for Stage {
    fn from(phase: Phase) -> Self {
        Self::Job(phase)
    }
}

/// A failure as stored in the result and sent to clients (contract §6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Where it arose.
    pub stage: Stage,
    /// Which one of the table.
    pub code: Code,
    /// Whose fault it is.
    pub fault: Fault,
    /// Whether trying the same again can help.
    pub retryable: bool,
    /// What happened.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Failure {
    /// A failure with the table's own words.
    #[must_use]
    pub fn new(stage: impl Into<Stage>, code: Code) -> Self {
        let info = code.info();
        Self {
            stage: stage.into(),
            code,
            fault: info.fault,
            retryable: info.retryable,
            message: info.message.to_owned(),
            remedy: info.remedy.to_owned(),
        }
    }

    /// The same with a more precise message.
    #[must_use]
    pub fn message(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// The same with a more precise remedy.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_as_the_contract_shows_it() {
        let failure = Failure::new(Phase::Building, Code::OutOfMemory).message("more than 2 GiB");
        let json = serde_json::to_value(&failure).unwrap();
        assert_eq!(json["stage"], "building");
        assert_eq!(json["code"], "out_of_memory");
        assert_eq!(json["fault"], "user");
        assert_eq!(serde_json::from_value::<Failure>(json).unwrap(), failure);
        assert_eq!(serde_json::to_value(Stage::Api).unwrap(), "api");
    }
}
