//! The program itself: how it refuses to start and how it stops.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use shipstack_testkit::{GitServer, RedisServer, ServiceFolder, git::Misbehaviour, wait_until_blocking};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

fn program(data: &ServiceFolder, pairs: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upload-service"));
    command.env_clear().env("SHIPSTACK_DATA_DIR", data.path()).env("SHIPSTACK_API_ADDR", "127.0.0.1:0");
    command.envs(pairs.iter().copied()).current_dir(data.path()).stdin(Stdio::null());
    command
}

#[test]
fn a_setting_that_is_missing_or_wrong_stops_the_start_and_is_named() {
    let data = ServiceFolder::new().unwrap();
    let redis = ("REDIS_URL", "redis://127.0.0.1:1/");
    for (pairs, named) in [
        (&[][..], "REDIS_URL"),
        (&[redis, ("SHIPSTACK_LEASE", "soon")], "SHIPSTACK_LEASE"),
        (&[redis, ("PORT", "70000")], "PORT"),
    ] {
        let output = program(&data, pairs).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{named}: {said}");
        assert!(said.starts_with(named), "{named}: {said}");
    }
}

mod real_redis {
    use super::*;
    use serde_json::Value;
    use shipstack_types::{DeploymentId, TraceParent};

    const PATIENCE: Duration = Duration::from_secs(30);

    /// The program, ready, with what it says in a file.
    struct Running {
        child: Child,
        address: String,
        data: ServiceFolder,
    }

    impl Drop for Running {
        fn drop(&mut self) {
            let _ended = self.child.kill();
            let _reaped = self.child.wait();
        }
    }

    impl Running {
        fn start(data: ServiceFolder, pairs: &[(&str, &str)]) -> Self {
            let log = std::fs::File::create(data.path().join("log")).unwrap();
            let child = program(&data, pairs).stderr(log).spawn().unwrap();
            let mut running = Self { child, address: String::new(), data };
            wait_until_blocking(PATIENCE, "it is ready", || running.said().contains("is ready on "));
            let said = running.said();
            let address = said.split("is ready on ").nth(1).unwrap().chars();
            running.address = address.take_while(|c| !c.is_whitespace() && *c != '"').collect();
            running
        }

        fn said(&self) -> String {
            std::fs::read_to_string(self.data.path().join("log")).unwrap_or_default()
        }

        fn stop(&mut self) -> ExitStatus {
            let pid = rustix::process::Pid::from_child(&self.child);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
            self.child.wait().unwrap()
        }
    }

    /// Whoever collects lines finds those of a deployment by one key, and its trace by another.
    #[test]
    fn every_line_about_a_deployment_has_its_id_at_the_same_place() {
        let Some(redis) = RedisServer::start() else { return };
        let git = GitServer::start().unwrap();
        let (url, host) = (redis.url(), git.host());
        let pairs = [("REDIS_URL", url.as_str()), ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str())];
        let mut service = Running::start(ServiceFolder::new().unwrap(), &pairs);
        let id = post(&service.address, &git.url("nothing-there"));
        wait_until_blocking(PATIENCE, "its end", || service.said().contains("deployment ended"));
        assert!(service.stop().success());
        let said = service.said();
        let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let about: Vec<&Value> = lines.iter().filter(|line| line.to_string().contains(&id)).collect();
        let trace = TraceParent::of(&id.parse::<DeploymentId>().unwrap());
        for line in &about {
            assert_eq!(
                (&line["deployment.id"], &line["step"].is_string()),
                (&id.as_str().into(), &true),
                "{line}"
            );
            assert_eq!(line["trace.id"], trace.trace_id(), "{line}");
        }
        for message in ["job taken", "deployment ended"] {
            assert!(about.iter().any(|line| line["message"] == message), "{message}: {said}");
        }
    }

    #[test]
    fn an_address_that_others_reach_needs_a_token() {
        let Some(redis) = RedisServer::start() else { return };
        let data = ServiceFolder::new().unwrap();
        let url = redis.url();
        let pairs = [("REDIS_URL", url.as_str()), ("SHIPSTACK_API_ADDR", "0.0.0.0:0")];
        let output = program(&data, &pairs).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("SHIPSTACK_TOKEN"), "{said}");
    }

    /// Promise 10: after the drain window what is in hand goes back without costing an attempt, and the exit is 0.
    #[test]
    fn a_sigterm_hands_a_stalled_fetch_back_and_exits_with_0() {
        let Some(redis) = RedisServer::start() else { return };
        let git = GitServer::start().unwrap();
        git.misbehave("stalled", Misbehaviour::Stall);
        let (data, url, host) = (ServiceFolder::new().unwrap(), redis.url(), git.host());
        let pairs = [
            ("REDIS_URL", url.as_str()),
            ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str()),
            ("SHIPSTACK_DRAIN", "1s"),
        ];
        let mut service = Running::start(data, &pairs);
        let id = post(&service.address, &git.url("stalled"));
        wait_until_blocking(PATIENCE, "git asks", || !git.requests().is_empty());
        let began = Instant::now();
        let status = service.stop();
        assert!(
            status.success() && began.elapsed() < Duration::from_secs(15),
            "{status} {:?}",
            began.elapsed()
        );
        let queued = redis.raw("LRANGE intake-queue 0 -1").unwrap();
        assert!(queued.contains(&id), "{queued}: {}", service.said());
        let spools = std::fs::read_dir(service.data.path().join("spool")).unwrap().count();
        assert_eq!(spools, 0);
    }

    /// Else whoever can connect can fill a disk with lines.
    #[test]
    fn what_a_stranger_sends_is_no_line_of_the_log() {
        let Some(redis) = RedisServer::start() else { return };
        let url = redis.url();
        let mut service = Running::start(ServiceFolder::new().unwrap(), &[("REDIS_URL", url.as_str())]);
        let (before, each) = (service.said().lines().count(), 20);
        for junk in [
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n",
            "\u{16}\u{3}\u{1}\u{2}",
            "POST /deploy HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
            "POST /deploy HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
            for _ in 0..each {
                send(&service.address, junk);
            }
        }
        let said = service.said();
        assert!(
            said.lines().count() < before + each,
            "lines of its own, but not one for each of a kind: {said}"
        );
        assert!(service.stop().success());
    }

    /// Sends, closes its own side, and waits until the other is closed.
    fn send(address: &str, bytes: &str) {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _answer_or_reset = stream.read_to_end(&mut Vec::new());
    }

    fn post(address: &str, url: &str) -> String {
        use std::io::{Read, Write};
        let body = serde_json::json!({ "repourl": url }).to_string();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = "POST /deploy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        body["id"].as_str().unwrap().to_owned()
    }
}
