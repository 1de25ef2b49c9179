//! Every refusal of the API.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shipstack_service::causes;
use shipstack_types::{Code, DeploymentId, Failure};

use crate::RequestId;

/// What handlers of the API return.
pub type ApiResult<T = HttpResponse> = Result<T, Problem>;

/// A refusal: a code of the table with words for this case. Handlers return it as their error; [`crate::envelope`]
/// writes it in the form of the route.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    status: StatusCode,
    detail: String,
    remedy: String,
    retry_after: Option<Duration>,
    cause: Option<String>,
    deployment: Option<DeploymentId>,
}

/// A refusal as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProblemDocument {
    /// `urn:shipstack:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Which one of the table.
    pub code: Code,
    /// What happened.
    pub detail: String,
    /// What to do.
    pub remedy: String,
    /// The id under which it stands in the server's log.
    pub request_id: String,
    /// The deployment that it is about, where one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentId>,
}

impl Problem {
    /// A problem with the table's own words and status. A code that only ends jobs is answered with 422.
    pub fn new(code: Code) -> Self {
        let info = code.info();
        let status = info.http_status.and_then(|status| StatusCode::from_u16(status).ok());
        Self {
            code,
            status: status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
            detail: info.message.to_owned(),
            remedy: info.remedy.to_owned(),
            retry_after: None,
            cause: None,
            deployment: None,
        }
    }

    /// Something broke on our side. The cause is logged with the request's id and not sent.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(Code::Internal).caused_by(cause)
    }

    /// The same with a more precise text.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The same with a more precise remedy.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }

    /// The same, saying when to come back.
    #[must_use]
    pub fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }

    /// The same with another status than the table's, where RFC 9110 asks for one.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with its cause and the cause's causes, for the log alone.
    #[must_use]
    pub fn caused_by(self, cause: &(dyn std::error::Error + 'static)) -> Self {
        Self { cause: Some(causes(cause)), ..self }
    }

    /// The same, naming the deployment that it is about.
    #[must_use]
    pub fn about(self, deployment: DeploymentId) -> Self {
        Self { deployment: Some(deployment), ..self }
    }

    /// Which one of the table.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The HTTP status it is answered with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// `application/problem+json` (RFC 9457).
    pub(crate) fn as_problem(&self, id: &RequestId) -> HttpResponse {
        let document = ProblemDocument {
            kind: format!("urn:shipstack:problem:{}", self.code),
            title: title(self.code),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail.clone(),
            remedy: self.remedy.clone(),
            request_id: id.as_str().to_owned(),
            deployment: self.deployment.clone(),
        };
        self.response("application/problem+json", &json!(document))
    }

    /// The Node system's shape, with ours added.
    pub(crate) fn as_classic(&self, message: &str, id: &RequestId) -> HttpResponse {
        let mut body = json!({
            "message": message,
            "error": self.detail,
            "code": self.code,
            "remedy": self.remedy,
            "requestId": id.as_str(),
        });
        if let (Some(id), Some(body)) = (&self.deployment, body.as_object_mut()) {
            body.insert("id".to_owned(), json!(id));
        }
        self.response("application/json", &body)
    }

    fn response(&self, content_type: &str, body: &serde_json::Value) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status);
        if let Some(after) = self.retry_after {
            // Rounded up: whoever comes back too early is refused again.
            let seconds = after.as_secs().saturating_add(u64::from(after.subsec_nanos() > 0));
            response.insert_header((header::RETRY_AFTER, seconds.max(1)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"shipstack\""));
        }
        response.content_type(content_type).body(body.to_string())
    }
}

/// `address_not_allowed` → `Address not allowed`.
fn title(code: Code) -> String {
    let words = code.as_str().replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code).detail(failure.message).remedy(failure.remedy)
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// What is sent where no envelope wraps the app.
    fn error_response(&self) -> HttpResponse {
        self.as_problem(&RequestId::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_status_and_a_title() {
        for code in Code::ALL {
            let problem = Problem::new(*code);
            assert!(problem.status().as_u16() >= 400 && !title(*code).contains('_'));
        }
        assert_eq!(title(Code::AddressNotAllowed), "Address not allowed");
    }

    #[test]
    fn a_failure_keeps_its_words() {
        let failure = Failure::new(shipstack_types::Stage::Api, Code::InvalidRef).message("“-x” is no ref");
        let problem = Problem::from(failure);
        assert_eq!(problem.to_string(), "invalid_ref: “-x” is no ref");
        assert_eq!(problem.status(), StatusCode::BAD_REQUEST);
    }
}
