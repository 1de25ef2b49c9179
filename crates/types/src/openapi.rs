//! Schemas of the types that are texts or numbers on the wire; the others derive theirs where they are defined.

use crate::{
    ClaimNumber, DeploymentId, GitRef, GitUrl, PackageManager, Phase, RelPath, Sha256Digest, SourceName,
    Stage, Timestamp, WorkerId,
};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A type that is written as one JSON value.
macro_rules! written_as {
    ($($type:ident: $description:literal => $object:expr;)+) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    RefOr::T(Schema::Object($object.description(Some($description)).build()))
                }
            }

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($type))
                }
            }
        )+
    };
}

written_as! {
    DeploymentId: "The id of a deployment. Ours are 16 characters of Crockford base32, the first a letter."
        => pattern("^[A-Za-z0-9_-]{1,63}$").examples(["k3v9x2m7q4tzb8wd"]);
    RelPath: "A path below some folder, without `.`, `..` or empty segments; empty for the folder itself."
        => text().max_length(Some(RelPath::MAX_BYTES));
    GitUrl: "The http or https URL of a repository." => text().examples(["https://git.example.org/team/site"]);
    GitRef: "A branch, tag or full commit hash." => text().max_length(Some(255)).examples(["main"]);
    SourceName: "What an uploaded folder or archive is called, to be shown: one line of visible characters."
        => text().min_length(Some(1)).max_length(Some(SourceName::MAX));
    Sha256Digest: "A SHA-256 digest." => pattern("^[0-9a-f]{64}$");
    PackageManager: "A package manager and its major version." => pattern("^[a-z]+@[0-9]+$").examples(["npm@10"]);
    WorkerId: "One process, from its start to its end: host and random." => text();
    Timestamp: "A time in UTC with milliseconds, as in RFC 3339."
        => text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-11-21T21:37:00.120Z"]);
    ClaimNumber: "The number of a claim: one taking of a job by a worker, never reused."
        => ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    Stage: "Where a failure arose: a phase, or `api` before there was one."
        => text().enum_values(Some(std::iter::once("api").chain(Phase::ALL.map(Phase::as_str))));
}

fn text() -> ObjectBuilder {
    Object::builder().schema_type(Type::String)
}

fn pattern(pattern: &str) -> ObjectBuilder {
    text().pattern(Some(pattern))
}
