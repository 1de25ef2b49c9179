//! A page of deployments.

use crate::{Deployment, DeploymentId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Deployments, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeploymentList {
    /// The deployments; a page that is not the last may hold fewer than were asked for, even none.
    pub items: Vec<Deployment>,
    /// What to ask the next page with; `null` on the last.
    pub next_cursor: Option<String>,
}

/// A place in the order of acceptance: the deployment that a page ended with. Opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListCursor {
    /// When it was accepted.
    pub at: Timestamp,
    /// Which one.
    pub id: DeploymentId,
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor that a page gave")]
pub struct InvalidCursor;

impl fmt::Display for ListCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_millis(), self.id)
    }
}

impl FromStr for ListCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, id) = text.split_once('.').ok_or(InvalidCursor)?;
        // Times beyond the year 10,000 are nobody's, and larger numbers lose digits in Redis.
        let is_time = !at.is_empty() && at.len() <= 15 && at.bytes().all(|byte| byte.is_ascii_digit());
        let at = at.parse().ok().filter(|_| is_time).ok_or(InvalidCursor)?;
        Ok(Self { at: Timestamp::from_millis(at), id: id.parse().map_err(|_| InvalidCursor)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_and_nothing_else_is_one() {
        let cursor = ListCursor { at: Timestamp::from_millis(17), id: "a-b".parse().unwrap() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", ".", "17", "17.", ".a", "-1.a", "+1.a", "1.a b", "1e3.a", "9999999999999999.a"] {
            assert_eq!(text.parse::<ListCursor>(), Err(InvalidCursor), "{text}");
        }
    }
}
