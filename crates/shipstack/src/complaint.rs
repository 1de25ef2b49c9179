//! What went wrong, for scripts: on standard output with `--json`, beside the words for a person on standard error.

use serde::Serialize;

use crate::client::ApiError;

/// The members of `application/problem+json` that are known of an error; what only this program knows has no code.
#[derive(Debug, Serialize)]
pub(crate) struct Complaint {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl From<&anyhow::Error> for Complaint {
    fn from(error: &anyhow::Error) -> Self {
        match error.downcast_ref::<ApiError>() {
            Some(error) => error.into(),
            None => Self::of(None, format!("{error:#}"), None),
        }
    }
}

impl From<&ApiError> for Complaint {
    fn from(error: &ApiError) -> Self {
        let (detail, remedy) = error.in_parts();
        Self::of(error.code().map(ToOwned::to_owned), detail, remedy)
    }
}

impl Complaint {
    fn of(code: Option<String>, detail: String, remedy: Option<String>) -> Self {
        let kind = code.as_ref().map(|code| format!("urn:shipstack:problem:{code}"));
        Self { kind, title: code.as_deref().map(title), code, detail, remedy }
    }

    /// As the answer of a command.
    pub(crate) fn as_answer(&self) -> serde_json::Value {
        serde_json::json!({ "error": self })
    }
}

/// `too_late` → `Too late`, as the server has it.
fn title(code: &str) -> String {
    let mut letters = code.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).map(|letter| if letter == '_' { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::*;

    fn answer(error: &anyhow::Error) -> serde_json::Value {
        Complaint::from(error).as_answer()
    }

    #[test]
    fn what_the_server_said_keeps_its_code_and_its_remedy() {
        let refused = ApiError::Refused {
            status: StatusCode::CONFLICT,
            code: "too_late".to_owned(),
            detail: "What happened.".to_owned(),
            remedy: "What to do.".to_owned(),
        };
        let expected = json!({ "error": { "type": "urn:shipstack:problem:too_late", "title": "Too late",
            "code": "too_late", "detail": "What happened.", "remedy": "What to do." } });
        assert_eq!(answer(&refused.into()), expected);
    }

    #[test]
    fn an_error_of_our_own_has_what_happened_and_what_to_do_apart() {
        let unknown = answer(&ApiError::Unknown { id: "abc".to_owned() }.into());
        assert_eq!(unknown["error"]["code"], "not_found");
        assert_eq!(unknown["error"]["detail"], "there is no deployment abc");
        assert_eq!(unknown["error"]["remedy"], "`shipstack ls` shows what there is");
        let plain = answer(&anyhow::anyhow!("no such file").context("cannot read site.tar"));
        assert_eq!(plain, json!({ "error": { "detail": "cannot read site.tar: no such file" } }));
    }
}
