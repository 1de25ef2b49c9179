//! Fields that are `null` where there is nothing to say, but are always sent: a client need not ask twice.

use utoipa::openapi::schema::{Object, Schema};
use utoipa::openapi::{OpenApi, RefOr};

/// The schemas whose fields are all sent, and the fields of each that are not.
const SENT: [(&str, &[&str]); 7] = [
    ("Deployment", &["egress"]),
    ("DeploymentList", &[]),
    ("SourceView", &["warnings"]),
    ("PlanView", &[]),
    ("PhaseTiming", &[]),
    ("Session", &[]),
    ("DeploymentChanged", &[]),
];

/// Marks them as required; the derived schemas take every `Option` for a field that may be missing.
pub(super) struct AlwaysSent;

impl utoipa::Modify for AlwaysSent {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = &mut document.components else { return };
        for (name, left_out) in SENT {
            match components.schemas.get_mut(name) {
                Some(RefOr::T(Schema::Object(object))) => require(object, left_out),
                Some(RefOr::T(Schema::AllOf(all))) => {
                    all.items.iter_mut().for_each(|item| {
                        if let RefOr::T(Schema::Object(object)) = item {
                            require(object, left_out);
                        }
                    });
                }
                _ => {}
            }
        }
    }
}

fn require(object: &mut Object, left_out: &[&str]) {
    let sent = object.properties.keys().filter(|name| !left_out.contains(&name.as_str()));
    object.required = sent.cloned().collect();
}
