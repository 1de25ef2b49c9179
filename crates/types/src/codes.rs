//! The one table of failure and problem codes; `data/codes.tsv` is the same table as data, and a test holds them equal.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose fault a failure is. A platform fault is retried, a user's never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// The project, the request or the URL.
    User,
    /// shipstack, its machine or what it stands on.
    Platform,
}

/// What is fixed about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// The code on the wire.
    pub name: &'static str,
    /// Where it arises: `api`, a phase, or `any`.
    pub places: &'static str,
    /// The HTTP status as a problem of the API; `None` for a code that only ends jobs.
    pub http_status: Option<u16>,
    /// Whose fault it is.
    pub fault: Fault,
    /// Whether trying the same again can help.
    pub retryable: bool,
    /// What happened, when nothing more precise is known.
    pub message: &'static str,
    /// What to do, when nothing more precise is known.
    pub remedy: &'static str,
}

macro_rules! codes {
    ($($variant:ident $name:literal, $places:literal, $status:expr, $fault:ident, $retryable:literal, $message:literal, $remedy:literal;)+) => {
        /// A failure or problem code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $message] $variant,)+
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// What is fixed about this code.
            #[must_use]
            pub fn info(self) -> &'static CodeInfo {
                match self {
                    $(Self::$variant => &CodeInfo {
                        name: $name, places: $places, http_status: $status, fault: Fault::$fault,
                        retryable: $retryable, message: $message, remedy: $remedy,
                    },)+
                }
            }
        }
    };
}

codes! {
    InvalidJson "invalid_json", "api", Some(400), User, false,
        "The body is not valid JSON.",
        "Send a JSON object such as {\"repourl\":\"https://…\"} with Content-Type application/json.";
    InvalidUrl "invalid_url", "api", Some(400), User, false,
        "Repository URL must be a valid absolute URL",
        "Give the whole address, beginning with https://, as the browser shows it.";
    SchemeNotAllowed "scheme_not_allowed", "api", Some(400), User, false,
        "Only http(s) repository URLs are allowed",
        "Use the https:// address of the repository; ssh, git and file addresses are not fetched.";
    CredentialsInUrl "credentials_in_url", "api", Some(400), User, false,
        "The URL must not contain a user name or password.",
        "Remove the part before the @; private repositories cannot be fetched this way.";
    AddressNotAllowed "address_not_allowed", "api, cloning, egress", Some(400), User, false,
        "The host resolves to an address that is not public.",
        "Use a public host; an operator can exempt a host with SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS (builds: SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS).";
    InvalidRef "invalid_ref", "api", Some(400), User, false,
        "The branch, tag or commit is not a valid Git ref.",
        "Give a branch, a tag or a full commit hash.";
    InvalidOption "invalid_option", "api", Some(400), User, false,
        "A build option is not acceptable; the field is named.",
        "Correct the named field; the API description and shipstack deploy --help list what is accepted.";
    BodyTooLarge "body_too_large", "api", Some(413), User, false,
        "The body is larger than the limit; the limit is named.",
        "Send less, or let the operator raise the named limit.";
    UnsupportedMediaType "unsupported_media_type", "api", Some(415), User, false,
        "This content type is not accepted; the accepted ones are listed.",
        "Set Content-Type to one of the accepted types.";
    PathEscape "path_escape", "api, snapshotting", Some(400), User, false,
        "An entry of the archive leaves the archive; it is named.",
        "Pack the folder itself, for example with: tar -C <folder> -czf site.tar.gz .";
    EntryType "entry_type", "api, snapshotting", Some(400), User, false,
        "An entry of the archive is not a file, folder or safe link; it is named.",
        "Leave out devices, sockets, hard links and links that leave the archive; pack again with: tar -C <folder> -czf site.tar.gz .";
    ArchiveLimit "archive_limit", "api, snapshotting", Some(413), User, false,
        "The archive passes a limit; the limit and the entry are named.",
        "Leave out what a build can make again (node_modules, caches), or let the operator raise the limit.";
    KeyReused "key_reused", "api", Some(422), User, false,
        "The idempotency key was used with another body.",
        "Use a new Idempotency-Key for a new request.";
    Unauthorized "unauthorized", "api", Some(401), User, false,
        "A token is needed.",
        "Send Authorization: Bearer <SHIPSTACK_TOKEN>.";
    ForeignOrigin "foreign_origin", "api", Some(403), User, false,
        "Requests from this origin are not accepted.",
        "Call the API from its own pages, from a script, or list the origin in SHIPSTACK_CORS_ORIGINS.";
    NotFound "not_found", "api", Some(404), User, false,
        "No such deployment, project or file.",
        "Check the id; deployments that were deleted are unknown for ever.";
    TooLate "too_late", "api", Some(409), User, false,
        "The deployment is already being settled.",
        "Wait for its end, which is moments away.";
    Conflict "conflict", "api", Some(409), User, true,
        "Someone else changed it first; read it again.",
        "Read the current version and try again.";
    RateLimited "rate_limited", "api", Some(429), User, true,
        "Too many requests; when to come back is said.",
        "Come back after the seconds in Retry-After.";
    RedisUnavailable "redis_unavailable", "api, any", Some(503), Platform, true,
        "State is out of reach.",
        "Try again in a few seconds; the operator finds the cause with shipstack doctor (REDIS_URL).";
    StoreUnavailable "store_unavailable", "api, any", Some(503), Platform, true,
        "The object store is out of reach.",
        "Try again in a few seconds; the operator finds the cause with shipstack doctor (AWS_BUCKET, AWS_ENDPOINT_URL, SHIPSTACK_DATA_DIR).";
    GitHostNotFound "git_host_not_found", "cloning", None, User, false,
        "The host of the repository does not exist.",
        "Check the spelling of the host in the URL.";
    GitUnreachable "git_unreachable", "cloning", None, User, false,
        "The host of the repository does not answer.",
        "Check that the server is up and reachable from here, then deploy again.";
    GitRepositoryNotFound "git_repository_not_found", "cloning", None, User, false,
        "There is no such repository, or it is private.",
        "Check the path of the URL; a private repository has to be sent as an archive.";
    GitAuthRequired "git_auth_required", "cloning", None, User, false,
        "The repository asks for a sign-in.",
        "Make the repository public, or send the source as an archive.";
    GitRefNotFound "git_ref_not_found", "cloning", None, User, false,
        "The branch, tag or commit does not exist.",
        "Check the name; without a ref the default branch is taken.";
    GitEmpty "git_empty", "cloning", None, User, false,
        "The repository has no commit.",
        "Push a commit first.";
    CloneTimeout "clone_timeout", "cloning", None, User, false,
        "Cloning took longer than allowed.",
        "Make the repository smaller or let the operator raise SHIPSTACK_CLONE_TIMEOUT.";
    SourceTooLarge "source_too_large", "snapshotting", None, User, false,
        "The source passes a limit; the worst file is named.",
        "Leave out large or generated files, or let the operator raise SHIPSTACK_SOURCE_MAX_BYTES or SHIPSTACK_SOURCE_MAX_FILES.";
    SourceMissing "source_missing", "preparing", None, User, false,
        "There is no source for this deployment.",
        "Deploy again; for ids pushed by hand put the files under output/<id>/ first.";
    NoSite "no_site", "preparing", None, User, false,
        "No package.json and no index.html was found; where it looked is listed.",
        "Add an index.html or a package.json with a build script, or set build.directory.";
    ServerApp "server_app", "preparing", None, User, false,
        "The project builds a server, not a site; the setting to change is named.",
        "Switch the named setting to static export.";
    ToolchainUnavailable "toolchain_unavailable", "preparing", None, User, false,
        "The builder image lacks what this project needs; what it has is listed.",
        "Use a version that is there, or let the operator extend the builder image.";
    InstallFailed "install_failed", "installing", None, User, false,
        "Installing the dependencies ended with an error.",
        "Read the last lines of the log; run the same install locally. Behind a proxy or mirror of your own the operator sets SHIPSTACK_BUILD_REGISTRY and SHIPSTACK_BUILD_CA_FILE.";
    BuildFailed "build_failed", "building", None, User, false,
        "The build command ended with an error.",
        "Read the last lines of the log; run the same command locally.";
    BuildSilent "build_silent", "installing, building", None, User, false,
        "Nothing was printed for longer than allowed.",
        "Let the build print progress, or let the operator raise SHIPSTACK_BUILD_SILENCE.";
    BuildTimeout "build_timeout", "installing, building", None, User, false,
        "Install and build took longer than allowed.",
        "Make the build faster or let the operator raise SHIPSTACK_BUILD_TIMEOUT.";
    OutOfMemory "out_of_memory", "installing, building", None, User, false,
        "The build used more memory than it has.",
        "Reduce what the build holds in memory, or let the operator raise SHIPSTACK_BUILD_MEMORY or the profile.";
    DiskLimit "disk_limit", "installing, building", None, User, false,
        "The workspace is larger than allowed.",
        "Write less, or let the operator raise SHIPSTACK_BUILD_DISK.";
    EgressDenied "egress_denied", "installing, building", None, User, false,
        "A host that builds may not reach was needed; it is named.",
        "Use a public host, or let the operator allow it in SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS.";
    OutputMissing "output_missing", "collecting", None, User, false,
        "The output folder does not exist; the folders that do are listed.",
        "Set build.output in shipstack.toml to the folder that the build writes.";
    OutputEmpty "output_empty", "collecting", None, User, false,
        "The output folder is empty.",
        "Check that the build command writes its files there.";
    OutputRefused "output_refused", "collecting", None, User, false,
        "The output holds something that cannot be published; it is named.",
        "Remove, rename or shrink what is named.";
    EngineUnavailable "engine_unavailable", "preparing, installing, building, collecting", None, Platform, true,
        "Docker does not answer.",
        "The operator finds the cause with shipstack doctor (is Docker running?); the job is tried again by itself.";
    EnginePermissionDenied "engine_permission_denied", "preparing", None, Platform, false,
        "Docker refuses this user; the fix is named.",
        "Add the worker's user to the docker group, or set DOCKER_HOST.";
    ImageMissing "image_missing", "preparing", None, Platform, false,
        "The builder image is not there and could not be had.",
        "Run shipstack builder make, or set SHIPSTACK_BUILD_IMAGE.";
    WorkerLost "worker_lost", "any", None, Platform, true,
        "The worker died; the attempts are used up.",
        "Deploy again; if it happens again the build may be killing its worker: the operator looks at memory and disk.";
    QueueTimeout "queue_timeout", "queued", None, Platform, false,
        "No worker took the job in time.",
        "The operator checks that a deploy-worker runs and is ready (SHIPSTACK_QUEUE_TIMEOUT).";
    Superseded "superseded", "queued", None, User, false,
        "A newer deployment of the same branch took its place.",
        "Nothing to do: the newer deployment is the one that counts.";
    MethodNotAllowed "method_not_allowed", "api", Some(405), User, false,
        "This method is not possible here; Allow has those that are.",
        "Use one of the methods in Allow.";
    RequestTimeout "request_timeout", "api", Some(408), User, true,
        "The body did not arrive in time.",
        "Send the body faster, or in one piece.";
    HostNotAllowed "host_not_allowed", "api", Some(421), User, false,
        "The API does not answer to this host name.",
        "Use localhost, an IP address or the host of SHIPSTACK_PUBLIC_API_URL.";
    Internal "internal", "api, any", Some(500), Platform, true,
        "Something broke on our side; the request id is named.",
        "Try again; if it stays, report it with the request id.";
    Overloaded "overloaded", "api", Some(503), Platform, true,
        "There is no room now; when to come back is said.",
        "Come back after the seconds in Retry-After.";
    ProjectInvalid "project_invalid", "preparing", None, User, false,
        "package.json or shipstack.toml cannot be read; the place is named.",
        "Correct the file at the named place.";
    DirectoryMissing "directory_missing", "preparing", None, User, false,
        "The folder to build is not in the source.",
        "Set build.directory to a folder of the repository.";
    SourceCorrupt "source_corrupt", "preparing", None, Platform, false,
        "The stored source does not have its digest.",
        "Deploy again; the operator checks the object store.";
    PublishTimeout "publish_timeout", "storing", None, Platform, true,
        "Storing the site took longer than allowed.",
        "The operator checks the object store (SHIPSTACK_PUBLISH_TIMEOUT); the job is tried again by itself.";
    DiskFull "disk_full", "any", None, Platform, true,
        "The machine's disk is full.",
        "The operator makes room on the disk; the job is tried again by itself.";
}

impl Code {
    /// The code on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.info().name
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_rust_is_the_table_as_data() {
        let row = |code: &Code| {
            let info = code.info();
            let status = info.http_status.map_or("-".to_owned(), |status| status.to_string());
            let fault = if info.fault == Fault::User { "user" } else { "platform" };
            let retryable = if info.retryable { "yes" } else { "no" };
            [info.name, info.places, &status, fault, retryable, info.message].join("\t")
        };
        let ours: Vec<String> = Code::ALL.iter().map(row).collect();
        let data: Vec<&str> = include_str!("../data/codes.tsv").lines().skip(1).collect();
        assert_eq!(ours, data);
    }

    #[test]
    fn the_wire_name_is_the_serde_name() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
