//! Every command that README and quickstart show, run as a reader would: one after the other, in one shell.

use crate::fixture::Fixture;
use crate::platform::{Platform, Shape, program};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository that the documents speak of.
const REPOSITORY: &str = "https://github.com/you/your-site";
/// Starting is what the test has done already.
const CARGO: &str = "#!/bin/sh
case \"$1\" in xtask) exit 0 ;; *) exit 99 ;; esac
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The `sh` blocks of a document, in order.
fn commands(document: &str) -> String {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let blocks: Vec<&str> =
        text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty(), "{document} shows no commands");
    blocks.concat()
}

/// A folder that looks like a checkout to the commands.
fn checkout(folder: &Path) {
    symlink(root().join("deploy"), folder.join("deploy")).unwrap();
    let programs = folder.join("programs");
    fs::create_dir(&programs).unwrap();
    symlink(program("shipstack").unwrap(), programs.join("shipstack")).unwrap();
    fs::write(programs.join("cargo"), CARGO).unwrap();
    fs::set_permissions(programs.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
}

async fn read_along(platform: &Platform, document: &str) -> Output {
    platform.git.add_repo("your-site", &as_texts(&Fixture::of("static").texts())).unwrap();
    let script = commands(document)
        .replace("http://localhost:3002", &platform.api)
        .replace(REPOSITORY, &platform.git.url("your-site"));
    let folder = tempfile::tempdir().unwrap();
    checkout(folder.path());
    let mut path = folder.path().join("programs").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut shell = Command::new("bash");
    shell.args(["-euxo", "pipefail", "-c", &script]).current_dir(folder.path());
    shell.env("PATH", path).env("SHIPSTACK_API_URL", &platform.api).env("NO_PROXY", "*");
    tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap()
}

fn as_texts(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_readme_and_quickstart_works() {
    let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
    for document in ["README.md", "deploy/docs/quickstart.md"] {
        let output = read_along(&platform, document).await;
        let told = String::from_utf8_lossy(&output.stderr);
        let answered = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{document}\n{told}\n{answered}\n{}", platform.outputs());
        assert!(answered.contains(".localhost:"), "{document} ends with no site\n{answered}");
    }
}
