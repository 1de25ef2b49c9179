//! The fixtures themselves: each does what its users rely on, and leaves nothing behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::process::Command;
use std::time::Duration;

use shipstack_testkit::git::{Misbehaviour, RepoFile};
use shipstack_testkit::{FaultProxy, GitServer, Leashed, Listen, RedisOptions, wait_until_blocking};
use shipstack_testkit::{HttpFault, HttpFaultProxy};

fn git(arguments: &[&str]) -> std::process::Output {
    Command::new("git").args(arguments).env("GIT_TERMINAL_PROMPT", "0").output().unwrap()
}

#[test]
fn a_repository_can_be_cloned_with_modes_and_links() {
    let server = GitServer::start().unwrap();
    let repository = server.add_repository("site").unwrap();
    let files = [
        ("index.html", RepoFile::from("<h1>hi</h1>")),
        ("bin/run", RepoFile::Executable(b"#!/bin/sh\n".to_vec())),
        ("link", RepoFile::Link("index.html".to_owned())),
    ];
    let commit = repository.commit("main", &files).unwrap();
    let clone = tempfile::tempdir().unwrap();
    let path = clone.path().to_str().unwrap();
    assert!(git(&["clone", "--quiet", "--depth", "1", &server.url("site"), path]).status.success());
    let head = git(&["-C", path, "rev-parse", "HEAD"]).stdout;
    assert_eq!(String::from_utf8(head).unwrap().trim(), commit);
    let tree = String::from_utf8(git(&["-C", path, "ls-tree", "-r", "HEAD"]).stdout).unwrap();
    assert!(tree.contains("100755") && tree.contains("120000") && tree.contains("100644"), "{tree}");
}

#[test]
fn a_branch_and_a_commit_can_be_fetched() {
    let server = GitServer::start().unwrap();
    let first = server.add_repo("site", &[("a", "1")]).unwrap();
    let repository = server.add_repository("site").unwrap();
    let second = repository.commit("next", &[("b", RepoFile::from("2"))]).unwrap();
    let bare = tempfile::tempdir().unwrap();
    let path = bare.path().to_str().unwrap();
    assert!(git(&["init", "--quiet", "--bare", path]).status.success());
    for wanted in [first.as_str(), "next"] {
        assert!(
            git(&["-C", path, "fetch", "--quiet", "--depth", "1", &server.url("site"), wanted])
                .status
                .success()
        );
    }
    assert_eq!(
        String::from_utf8(git(&["-C", path, "rev-parse", "FETCH_HEAD"]).stdout).unwrap().trim(),
        second
    );
    assert!(!git(&["-C", path, "fetch", &server.url("nobody"), "main"]).status.success());
}

#[test]
fn a_hostile_repository_does_what_it_was_told() {
    let server = GitServer::start().unwrap();
    server.misbehave("gone", Misbehaviour::Status(404));
    server.misbehave("secret", Misbehaviour::Status(401));
    server.misbehave("moved", Misbehaviour::Redirect("http://127.0.0.1:1/".to_owned()));
    for (name, said) in
        [("gone", "not found"), ("secret", "terminal prompts disabled"), ("moved", "127.0.0.1")]
    {
        let output = git(&["ls-remote", &server.url(name)]);
        let error = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert!(!output.status.success() && error.contains(said), "{name}: {error}");
    }
}

#[test]
fn an_endless_advertisement_does_not_end() {
    let server = GitServer::start().unwrap();
    server.misbehave("endless", Misbehaviour::EndlessAdvertisement);
    let url = format!("{}/info/refs?service=git-upload-pack", server.url("endless"));
    let output = Command::new("curl")
        .args(["-s", "--max-time", "1", "-o", "/dev/null", "-w", "%{size_download}", &url])
        .output();
    let bytes: u64 = String::from_utf8(output.unwrap().stdout).unwrap().parse().unwrap();
    assert!(bytes > 1_000_000, "only {bytes} bytes");
}

#[test]
fn a_dropped_server_is_gone_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Leashed::start(folder.path(), &["sleep", "1000"]).unwrap();
    assert!(server.is_running());
    let pid = server.pid();
    drop(server);
    let gone = || !std::path::Path::new(&format!("/proc/{}", pid.as_raw_nonzero())).exists();
    wait_until_blocking(Duration::from_secs(5), "the server is gone", gone);
    assert!(folder.path().exists(), "a drop leaves the folder to its owner");
}

mod real_redis {
    use super::*;
    use shipstack_testkit::RedisServer;

    #[test]
    fn a_killed_durable_server_comes_back_with_what_it_knew() {
        let Some(redis) = RedisServer::start_with(&RedisOptions::durable()) else {
            return;
        };
        assert_eq!(redis.raw("SET a 1").unwrap(), "+OK\r\n");
        redis.kill();
        redis.raw("GET a").unwrap_err();
        redis.restart().unwrap();
        assert_eq!(redis.raw("GET a").unwrap(), "$1\r\n1\r\n");
    }

    #[test]
    fn a_frozen_server_is_silent_until_it_thaws() {
        let Some(redis) = RedisServer::start() else { return };
        redis.freeze().unwrap();
        redis.raw("PING").unwrap_err();
        redis.thaw().unwrap();
        assert_eq!(redis.raw("PING").unwrap(), "+PONG\r\n");
    }

    #[test]
    fn a_lost_reply_is_a_command_that_happened() {
        let options = RedisOptions { listen: Listen::Tcp, ..RedisOptions::default() };
        let Some(redis) = RedisServer::start_with(&options) else {
            return;
        };
        let proxy = FaultProxy::start(redis.upstream()).unwrap();
        proxy.lose_replies(1);
        assert_eq!(through(&proxy, "INCR n"), "");
        assert_eq!(through(&proxy, "INCR n"), ":2\r\n");
        assert_eq!(proxy.lost_replies(), 1);
    }

    #[test]
    fn a_refusing_proxy_refuses_until_it_allows() {
        let Some(redis) = RedisServer::start() else { return };
        let proxy = FaultProxy::start(redis.upstream()).unwrap();
        proxy.refuse();
        assert_eq!(through(&proxy, "PING"), "");
        proxy.allow();
        assert_eq!(through(&proxy, "PING"), "+PONG\r\n");
    }

    #[test]
    fn a_connection_that_ended_is_forgotten() {
        let Some(redis) = RedisServer::start() else { return };
        let proxy = FaultProxy::start(redis.upstream()).unwrap();
        for _ in 0..5 {
            assert_eq!(through(&proxy, "PING"), "+PONG\r\n");
        }
        let none = || proxy.connections() == 0;
        wait_until_blocking(Duration::from_secs(10), "no connection is open", none);
    }

    #[test]
    fn random_losses_repeat_with_their_seed() {
        let Some(redis) = RedisServer::start() else { return };
        let pattern = |seed| {
            let proxy = FaultProxy::start(redis.upstream()).unwrap();
            proxy.lose_replies_at_random(300, seed);
            (0..40).map(|_| through(&proxy, "PING").is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(pattern(7), pattern(7));
        assert_ne!(pattern(7), pattern(8));
    }

    fn through(proxy: &FaultProxy, command: &str) -> String {
        use std::io::{Read, Write};
        let Ok(mut stream) = std::net::TcpStream::connect(proxy.address()) else {
            return String::new();
        };
        let mut reply = [0; 64];
        let read =
            stream.write_all(format!("{command}\r\n").as_bytes()).and_then(|()| stream.read(&mut reply));
        String::from_utf8_lossy(&reply[..read.unwrap_or(0)]).into_owned()
    }
}

mod real_s3 {
    use super::*;
    use shipstack_testkit::SeaweedFs;

    #[test]
    fn a_bucket_is_there_and_gone_after_its_drop() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        assert_eq!(bucket.fetch("absent").unwrap().status, 404);
        let url = format!("{}/{}", bucket.endpoint(), bucket.name());
        assert_eq!(status(&url), "200");
        drop(bucket);
        assert_eq!(status(&url), "404");
    }

    #[test]
    fn the_proxy_spoils_exactly_the_chosen_call() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        let proxy = HttpFaultProxy::start(bucket.address().unwrap()).unwrap();
        proxy.spoil(1, 1, HttpFault::Status(503));
        let url = format!("{}/{}", proxy.url(), bucket.name());
        assert_eq!([status(&url), status(&url), status(&url)], ["200", "503", "200"]);
        proxy.spoil_all(HttpFault::Close);
        assert_eq!(status(&url), "000");
        assert_eq!(proxy.calls().len(), 4);
    }

    fn status(url: &str) -> String {
        let user = format!("{}:{}", SeaweedFs::KEY, SeaweedFs::SECRET);
        let signing = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", &user, "--noproxy", "*"];
        let mut curl = Command::new("curl");
        let output = curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}"]).args(signing).arg(url);
        String::from_utf8(output.output().unwrap().stdout).unwrap()
    }
}
