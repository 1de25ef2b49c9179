//! What every operation may answer besides what it names: who may call is decided before any handler runs.

use super::schemas::ClassicProblem;
use crate::routes::CLASSIC;
use shipstack_http::ProblemDocument;
use utoipa::ToSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};

/// Adds the refusals that are common to all, in the form of the route.
pub(super) struct Refusals;

impl utoipa::Modify for Refusals {
    fn modify(&self, document: &mut OpenApi) {
        for (path, item) in &mut document.paths.paths {
            let is_classic = CLASSIC.iter().any(|(classic, _)| classic == path);
            let refusal = if is_classic {
                refusal(&ClassicProblem::name(), "application/json")
            } else {
                refusal(&ProblemDocument::name(), "application/problem+json")
            };
            for operation in operations(item) {
                let responses = &mut operation.responses.responses;
                responses.entry("default".to_owned()).or_insert_with(|| RefOr::T(refusal.clone()));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

fn refusal(schema: &str, content_type: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new()
        .description("Any other refusal: its code says which, its remedy what to do.")
        .content(content_type, content)
        .build()
}
