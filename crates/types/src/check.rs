//! One thing that has to work, as readiness and `doctor` tell it.

use serde::{Deserialize, Serialize};

/// One thing that has to work for a process to be able to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// What is looked at: `redis`, `store`, `docker`.
    pub name: String,
    /// Whether it works.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Check {
    /// It works.
    pub fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { name: name.into(), ok: true, detail: detail.into(), remedy: None }
    }

    /// It does not work, and this would help.
    pub fn broken(name: impl Into<String>, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name: name.into(), ok: false, detail: detail.into(), remedy: Some(remedy.into()) }
    }

    /// It works, and could be better.
    pub fn advice(name: impl Into<String>, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { ok: true, ..Self::broken(name, detail, remedy) }
    }
}
