//! `shipstack doctor`: each outside thing broken in turn, and the line that names its fix.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use shipstack_testkit::SmallDisk;

/// A port that nobody has listened on for decades.
const NOBODY: &str = "127.0.0.1:9";

/// What the doctor said of one thing.
struct Said {
    ok: bool,
    detail: String,
    remedy: String,
}

/// The program in a folder of its own, with these settings alone, through `prefix` where there is one.
fn doctor(prefix: &[&str], variables: &[(&str, &str)]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut line = prefix.to_vec();
    line.extend([env!("CARGO_BIN_EXE_shipstack"), "doctor", "--json"]);
    let mut command = Command::new(line[0]);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("SHIPSTACK_") || name.starts_with("AWS_") || name == "REDIS_URL" {
            command.env_remove(&name);
        }
    }
    command.args(&line[1..]).current_dir(folder.path()).stdin(Stdio::null());
    // No engine and free ports, unless a test says otherwise: each breaks one thing.
    let quiet = [
        ("DOCKER_HOST", "unix:///nowhere/docker.sock"),
        ("SHIPSTACK_API_ADDR", "127.0.0.1:0"),
        ("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0"),
    ];
    let output = command.envs(quiet).envs(variables.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "something is broken");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is said of this thing where something is wrong with it.
fn said(prefix: &[&str], variables: &[(&str, &str)], name: &str) -> Said {
    let checks = doctor(prefix, variables);
    let wrong = checks.iter().find(|check| check["name"] == name && check["remedy"].is_string());
    let wrong = wrong.unwrap_or_else(|| panic!("nothing is said of {name}: {checks:#?}"));
    let text = |field: &str| wrong[field].as_str().unwrap().to_owned();
    Said { ok: wrong["ok"] == true, detail: text("detail"), remedy: text("remedy") }
}

fn broken(variables: &[(&str, &str)], name: &str) -> Said {
    let said = said(&[], variables, name);
    assert!(!said.ok, "{}", said.detail);
    said
}

#[test]
fn an_engine_that_is_away_is_to_be_started() {
    let said = broken(&[], "engine");
    assert!(said.remedy.contains("Start Docker") && said.remedy.contains("DOCKER_HOST"), "{}", said.remedy);
}

#[test]
fn a_socket_that_is_not_ours_names_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o000)).unwrap();
    let host = format!("unix://{}", socket.display());
    // The superuser may open everything, unless that right is taken from him.
    let without = [
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
    ];
    let prefix: &[&str] = if rustix::process::geteuid().is_root() { &without } else { &[] };
    let said = said(prefix, &[("DOCKER_HOST", &host)], "engine");
    assert!(!said.ok && said.remedy.contains("docker group"), "{}: {}", said.detail, said.remedy);
}

/// A folder with a `git` that says this; the system's programs are not found besides it.
fn git_that_says(version: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("git");
    std::fs::write(&program, format!("#!/bin/sh\necho git version {version}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn a_git_that_is_missing_is_to_be_installed_and_an_old_one_replaced() {
    let nothing = tempfile::tempdir().unwrap();
    let missing = broken(&[("PATH", &nothing.path().display().to_string())], "git");
    assert!(missing.remedy.contains("apt-get install git"), "{}", missing.remedy);
    let old = git_that_says("2.30.1");
    let old = said(&[], &[("PATH", &old.path().display().to_string())], "git");
    assert!(old.ok && old.detail.contains("2.30.1") && old.remedy.contains("2.47.3"), "{}", old.remedy);
}

/// Row 68 of the hostile catalogue (CVE-2025-48385).
#[test]
fn a_git_that_believes_the_bundles_of_any_host_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gitconfig");
    std::fs::write(&file, "[transfer]\n\tbundleURI = yes\n").unwrap();
    let said = said(&[], &[("GIT_CONFIG_GLOBAL", &file.display().to_string())], "git");
    assert!(said.ok && said.detail.contains("transfer.bundleURI is on"), "{}", said.detail);
    assert!(said.remedy.contains("git config"), "{}", said.remedy);
}

#[test]
fn a_port_that_is_taken_names_its_setting() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (setting, name) in [("SHIPSTACK_API_ADDR", "API address"), ("SHIPSTACK_SERVE_ADDR", "serve address")]
    {
        let said = said(&[], &[(setting, &address)], name);
        assert!(
            said.ok && said.detail.contains("in use") && said.remedy.contains(setting),
            "{}",
            said.remedy
        );
    }
    // 192.0.2.1 is for documentation: no machine has it.
    let said = broken(&[("SHIPSTACK_SERVE_ADDR", "192.0.2.1:3001")], "serve address");
    assert!(said.remedy.contains("SHIPSTACK_SERVE_ADDR"), "{}", said.remedy);
}

#[test]
fn a_disk_with_little_room_is_told_of() {
    let Some(disk) = SmallDisk::mount(16 * 1024 * 1024) else { return };
    let folder = disk.path().join("data").display().to_string();
    let said = broken(&[("SHIPSTACK_DATA_DIR", &folder)], "disk");
    assert!(
        said.detail.contains("MiB are free") && said.remedy.contains("SHIPSTACK_DATA_DIR"),
        "{}",
        said.remedy
    );
}

#[test]
fn a_data_folder_that_cannot_be_written_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let inside: &Path = &file.join("data");
    let said = broken(&[("SHIPSTACK_DATA_DIR", &inside.display().to_string())], "data folder");
    assert!(said.remedy.contains("SHIPSTACK_DATA_DIR"), "{}", said.remedy);
}

#[test]
fn a_domain_that_leads_nowhere_wants_a_wildcard_record() {
    // `.invalid` never resolves (RFC 6761).
    let said = broken(&[("SHIPSTACK_DOMAIN", "sites.invalid")], "site names");
    assert!(
        said.remedy.contains("*.sites.invalid") && said.remedy.contains("SHIPSTACK_DOMAIN"),
        "{}",
        said.remedy
    );
}

#[test]
fn a_redis_that_is_away_is_to_be_started() {
    let said = broken(&[("REDIS_URL", &format!("redis://{NOBODY}"))], "redis");
    assert!(said.remedy.contains("Start Redis") && said.remedy.contains("REDIS_URL"), "{}", said.remedy);
}

#[test]
fn a_store_that_is_away_names_its_address() {
    let said = broken(&store("sites", &format!("http://{NOBODY}"), "key", "secret"), "store");
    assert!(said.remedy.contains("AWS_ENDPOINT_URL"), "{}: {}", said.detail, said.remedy);
}

fn store<'a>(bucket: &'a str, endpoint: &'a str, key: &'a str, secret: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("AWS_BUCKET", bucket),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", key),
        ("AWS_SECRET_ACCESS_KEY", secret),
    ]
}

mod real_redis {
    use super::*;
    use shipstack_testkit::{Listen, RedisOptions, RedisServer};

    fn redis() -> Option<RedisServer> {
        RedisServer::start_with(&RedisOptions { listen: Listen::Tcp, ..RedisOptions::default() })
    }

    #[test]
    fn a_redis_that_keeps_nothing_or_evicts_names_the_setting_to_change() {
        let Some(redis) = redis() else { return };
        let variables = [("REDIS_URL", redis.url())];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        let keeps_nothing = said(&[], &variables, "redis");
        assert!(keeps_nothing.remedy.contains("appendonly yes"), "{}", keeps_nothing.remedy);
        redis.raw("CONFIG SET appendonly yes").unwrap();
        redis.raw("CONFIG SET maxmemory-policy allkeys-lru").unwrap();
        let evicts = said(&[], &variables, "redis");
        assert!(evicts.detail.contains("allkeys-lru"), "{}", evicts.detail);
        assert!(evicts.remedy.contains("maxmemory-policy noeviction"), "{}", evicts.remedy);
    }

    #[test]
    fn a_wrong_password_is_told_apart_from_a_redis_that_is_away() {
        let Some(redis) = redis() else { return };
        let (url, with_password) = (redis.url(), redis.url().replace("redis://", "redis://:wrong-one@"));
        redis.raw("CONFIG SET requirepass the-right-one").unwrap();
        for url in [url, with_password] {
            let said = broken(&[("REDIS_URL", &url)], "redis");
            assert!(said.remedy.contains("password in REDIS_URL"), "{url}: {}", said.detail);
            assert!(!said.detail.contains("wrong-one"), "{}", said.detail);
        }
    }
}

mod real_s3 {
    use super::*;
    use shipstack_testkit::SeaweedFs;

    #[test]
    fn a_wrong_key_and_a_missing_bucket_each_have_their_own_fix() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        let wrong = store(bucket.name(), bucket.endpoint(), SeaweedFs::KEY, "not the secret");
        let denied = broken(&wrong, "store");
        assert!(denied.remedy.contains("AWS_SECRET_ACCESS_KEY"), "{}: {}", denied.detail, denied.remedy);
        assert!(!denied.detail.contains("not the secret"));
        let missing = store("no-such-bucket", bucket.endpoint(), SeaweedFs::KEY, SeaweedFs::SECRET);
        let missing = broken(&missing, "store");
        assert!(missing.remedy.contains("Create the bucket"), "{}: {}", missing.detail, missing.remedy);
    }
}

mod real_docker {
    use super::*;
    use shipstack_testkit::DockerEngine;

    #[test]
    fn an_image_that_is_missing_names_the_command_that_makes_it() {
        let Some(engine) = DockerEngine::start() else { return };
        let variables = [
            ("DOCKER_HOST", engine.host()),
            ("SHIPSTACK_BUILD_IMAGE", "shipstack-no-such-image:0"),
            // So that something is broken whatever this engine is.
            ("SHIPSTACK_DOMAIN", "sites.invalid"),
        ];
        let said = said(&[], &variables, "image");
        assert!(said.detail.contains("shipstack-no-such-image"), "{}", said.detail);
        assert!(said.remedy.contains("shipstack builder make"), "{}", said.remedy);
    }
}
