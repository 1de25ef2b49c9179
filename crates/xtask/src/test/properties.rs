//! The API against its own document: whatever fits the document, and whatever does not, gets an answer that the
//! document names and never a 5xx.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cargo::program;
use crate::machine;
use crate::process::{self, Group};
use crate::ready::until_ready;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,allow_header_conformance,unsupported_method";
/// Enough for each rule of a schema to be broken once; the same ones in every run.
const EXAMPLES: [&str; 4] = ["--max-examples", "25", "--seed", "1"];
/// Streams that last by design.
const ENDLESS: [&str; 2] = ["--exclude-path", "/v1/events"];

/// Starts the all-in-one, without an engine so that nothing is ever built, and drives it.
pub(super) async fn run() -> Result<()> {
    let tester = machine::ensure_schemathesis().await?;
    let folder = tempfile::tempdir()?;
    let api = format!("127.0.0.1:{}", shipstack_testkit::free_port()?);
    let _platform = start(folder.path(), &api)?;
    let url = format!("http://{api}");
    until_ready(&url).await?;
    let document = format!("{url}/v1/openapi.json");
    let arguments = ["run", &document, "--checks", CHECKS, "--request-timeout", "20", "--no-color"];
    let mut command = process::command(&tester.to_string_lossy(), &arguments);
    process::run(command.args(EXAMPLES).args(ENDLESS).current_dir(folder.path())).await
}

fn start(folder: &Path, api: &str) -> Result<Group> {
    let mut command = process::command(&program("shipstack")?.to_string_lossy(), &["up"]);
    let engine = format!("unix://{}", folder.join("no-engine.sock").display());
    command.env("SHIPSTACK_DATA_DIR", folder.join("data")).env("DOCKER_HOST", engine);
    command.env("SHIPSTACK_API_ADDR", api).env("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0");
    command.env("SHIPSTACK_LOG", "off").stdout(std::process::Stdio::null());
    Group::start(&mut command).context("shipstack does not start")
}
