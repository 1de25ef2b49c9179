//! How the command line behaves towards scripts: streams and exit codes (contract §9).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use shipstack_testkit::{DockerEngine, Leashed, wait_until_blocking};
use shipstack_types::PlanView;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(3);

/// The program in a folder of its own, with nothing of the caller's settings.
fn shipstack(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = on_its_own(Command::new(env!("CARGO_BIN_EXE_shipstack")), folder, variables);
    command.args(arguments);
    command
}

fn on_its_own(mut command: Command, folder: &Path, variables: &[(&str, &str)]) -> Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("SHIPSTACK_") || name.starts_with("AWS_") || name == "REDIS_URL" {
            command.env_remove(&name);
        }
    }
    command.current_dir(folder).envs(variables.iter().copied()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    shipstack(folder.path(), arguments, variables).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_line_that_names_it() {
    for (variables, name) in [
        ([("SHIPSTACK_LEASE", "soon")], "SHIPSTACK_LEASE"),
        ([("SHIPSTACK_BUILD_MEMORY", "much")], "SHIPSTACK_BUILD_MEMORY"),
        ([("SHIPSTACK_TOKEN_FILE", "/nowhere/token")], "SHIPSTACK_TOKEN_FILE"),
    ] {
        let output = run(&["up"], &variables);
        let complaint = text(&output.stderr);
        assert_eq!((output.status.code(), complaint.lines().count()), (Some(2), 1), "{complaint}");
        assert!(complaint.starts_with(name) && output.stdout.is_empty(), "{complaint}");
    }
}

#[test]
fn a_dot_env_in_the_working_folder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "SHIPSTACK_LEASE=soon\n").unwrap();
    let output = shipstack(folder.path(), &["up"], &[]).output().unwrap();
    assert!(text(&output.stderr).starts_with("SHIPSTACK_LEASE: "), "{}", text(&output.stderr));
}

#[test]
fn a_command_line_that_makes_no_sense_is_exit_2() {
    for arguments in [
        &["deploy"][..],
        &["fly"],
        &["status", "no/id"],
        &["up", "--lease"],
        &["deploy", ".", "--ref", "main"],
        &["deploy", ".", "--supersede"],
        &["deploy", "https://git.example.org/a/b", "--prebuilt"],
    ] {
        assert_eq!(run(arguments, &[]).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn help_names_the_variables_and_no_secret() {
    let output = run(&["up", "--help"], &[("SHIPSTACK_TOKEN", "hush-hush")]);
    let help = text(&output.stdout);
    assert!(help.contains("SHIPSTACK_BUILD_SLOTS") && help.contains("SHIPSTACK_TOKEN"));
    assert!(output.status.success() && !help.contains("hush-hush"));
}

#[test]
fn an_api_that_is_away_is_said_with_what_to_do() {
    // Port 9 on loopback: nobody has listened there for decades.
    let nobody = [("SHIPSTACK_API_URL", "http://127.0.0.1:9")];
    let output = run(&["status", "abc"], &nobody);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""));
    let said = text(&output.stderr);
    assert!(said.starts_with("http://127.0.0.1:9 does not answer (connection refused); start it"), "{said}");
    assert!(said.contains("`shipstack up`") && said.contains("`cargo xtask up`"), "{said}");
    assert!(said.ends_with("SHIPSTACK_API_URL\n"), "nothing of the libraries' layers: {said}");
    let output = run(&["status", "abc", "--json"], &nobody);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), said));
    assert_eq!(answer["error"]["detail"], "http://127.0.0.1:9 does not answer (connection refused)");
    assert!(answer["error"]["remedy"].as_str().unwrap().contains("shipstack up"), "{answer}");
}

#[test]
fn what_cannot_be_deployed_is_said_before_anything_is_sent_with_what_can() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), "<h1>Hello</h1>").unwrap();
    std::fs::write(folder.path().join("empty.tgz"), "").unwrap();
    let nobody = [("SHIPSTACK_API_URL", "http://127.0.0.1:9")];
    for (source, why) in [
        ("page.html", "page.html is no archive; give a folder, an archive (.tar, .tar.gz, .tgz or .tar.zst)"),
        ("empty.tgz", "empty.tgz is no archive; give a folder, an archive"),
        ("nosuch", "nosuch does not exist; give a folder, an archive"),
        ("git@git.example.org:a/b", "does not exist; did you mean https://git.example.org/a/b?"),
    ] {
        let output = shipstack(folder.path(), &["deploy", source], &nobody).output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains(why) && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn plan_answers_with_the_members_of_the_api_s_plan_and_keeps_variables_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.json"), r#"{"scripts":{"build":"make-it"}}"#).unwrap();
    let asked = ["plan", ".", "--json", "--env", "TOKEN=hush-hush", "--node", "24"];
    let output = shipstack(folder.path(), &asked, &[]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let plan: PlanView = serde_json::from_value(answer.clone()).unwrap();
    assert_eq!((plan.command.as_deref(), plan.node.as_deref()), (Some("npm run build"), Some("24")));
    assert_eq!(serde_json::to_value(&plan).unwrap(), answer, "the same members");
    assert!(!answer.to_string().contains("hush-hush"), "{answer}");
}

#[test]
fn what_waits_while_no_worker_can_build_is_told_so_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("site")).unwrap();
    std::fs::write(folder.path().join("site/package.json"), r#"{"scripts":{"build":"true"}}"#).unwrap();
    let port = shipstack_testkit::free_port().unwrap();
    // Where nothing is said the deployment fails in the queue, and so does this.
    let env = format!(
        "SHIPSTACK_API_ADDR=127.0.0.1:{port}\nSHIPSTACK_SERVE_ADDR=127.0.0.1:0\nSHIPSTACK_QUEUE_TIMEOUT=20s\n"
    );
    std::fs::write(folder.path().join(".env"), env).unwrap();
    let nowhere = [("DOCKER_HOST", "unix:///nowhere/docker.sock")];
    let mut up = shipstack(folder.path(), &["up"], &nowhere).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(up.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut watching = shipstack(folder.path(), &["deploy", "site", "--follow"], &[]);
    let mut watching = watching.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(watching.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut before = Vec::new();
    let warned = told.by_ref().find(|line| {
        before.push(line.clone());
        line.starts_with("No worker is ready: ")
    });
    let id = before.iter().find_map(|line| line.strip_suffix(" is accepted")).unwrap();
    let status = shipstack(folder.path(), &["status", id], &[]).output().unwrap();
    kill_process(Pid::from_child(&watching), Signal::INT).unwrap();
    let (_rest, stopped) = (told.count(), watching.wait().unwrap());
    let cancelled = shipstack(folder.path(), &["cancel", id], &[]).output().unwrap();
    kill_process(Pid::from_child(&up), Signal::TERM).unwrap();
    assert!(up.wait().unwrap().success());
    // The reason depends on how far the worker is; what to do does not.
    let remedy = "Start Docker, or set DOCKER_HOST to an engine.";
    let said = text(&status.stderr);
    assert!(said.starts_with("No worker is ready: ") && said.trim_end().ends_with(remedy), "{said}");
    assert!(warned.is_some_and(|line| line.ends_with(remedy)), "told while it waited: {before:#?}");
    assert!(text(&status.stdout).starts_with("status     uploaded"), "{}", text(&status.stdout));
    assert_eq!(stopped.code(), Some(130), "told nothing while it waited: {before:#?}");
    let said = text(&cancelled.stderr);
    assert!(cancelled.status.success() && !said.contains("too late"), "{said}");
}

#[test]
fn the_api_is_not_opened_without_a_token() {
    let output =
        run(&["up"], &[("SHIPSTACK_API_ADDR", "0.0.0.0:0"), ("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("SHIPSTACK_TOKEN"), "{}", text(&output.stderr));
}

#[test]
fn up_has_one_health_address_for_all_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let health = format!("127.0.0.1:{}", shipstack_testkit::free_port().unwrap());
    let variables = [
        ("SHIPSTACK_API_ADDR", "127.0.0.1:0"),
        ("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0"),
        ("SHIPSTACK_HEALTH_ADDR", health.as_str()),
        ("DOCKER_HOST", "unix:///nowhere/docker.sock"),
    ];
    let mut up = shipstack(folder.path(), &["up"], &variables).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(up.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let get = |path: &str| {
        let mut stream = std::net::TcpStream::connect(&health).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        Some(answer)
    };
    wait_until_blocking(PATIENCE, "health is answered", || get("/livez").is_some());
    let (ready, metrics, ask) =
        (get("/readyz").unwrap(), get("/metrics").unwrap(), get("/tls-ask?domain=localhost"));
    let pid = Pid::from_child(&up);
    kill_process(pid, Signal::TERM).unwrap();
    let ended = up.wait().unwrap();
    assert!(line.contains("shipstack is ready"), "{line}");
    assert!(
        ready.starts_with("HTTP/1.1 503") && ready.contains("\"engine\"") && ready.contains("\"state\""),
        "{ready}"
    );
    assert_eq!(ready.matches("\"store\"").count(), 1, "{ready}");
    assert!(metrics.contains("shipstack_worker_offered_slots{queue=\"intake\"}"), "{metrics}");
    assert!(ask.unwrap().starts_with("HTTP/1.1 200"));
    assert!(ended.success(), "{ended}");
}

/// `script` of util-linux is the terminal. Its shell is replaced by the program: a `dash` (what `script`
/// takes where there is no `SHELL`) that waits for it dies of the Ctrl-C itself and ends with 130.
#[test]
fn a_person_at_a_terminal_sees_first_where_everything_is_and_ctrl_c_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("SHIPSTACK_API_ADDR", "127.0.0.1:0"),
        ("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0"),
        ("DOCKER_HOST", "unix:///nowhere/docker.sock"),
    ];
    let mut script = on_its_own(Command::new("script"), folder.path(), &variables);
    let up = concat!("exec '", env!("CARGO_BIN_EXE_shipstack"), "' up");
    script.env("SHELL", "/bin/sh").args(["--quiet", "--return", "--command", up, "/dev/null"]);
    let mut terminal = match script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
        Ok(terminal) => terminal,
        Err(why) => return shipstack_testkit::skip("script", &why),
    };
    let mut keyboard = terminal.stdin.take().unwrap();
    let screen = BufReader::new(terminal.stdout.take().unwrap()).lines().map(Result::unwrap);
    // That there is no engine here is told as soon as it is found out.
    let mut screen = screen.filter(|line| !line.contains("the engine does not answer"));
    let first: Vec<String> = screen.by_ref().take(3).collect();
    // What the terminal makes of Ctrl-C.
    keyboard.write_all(b"\x03").unwrap();
    let rest: Vec<String> = screen.collect();
    let ended = terminal.wait().unwrap();
    assert!(ended.success(), "{ended}: {rest:#?}");
    // Nothing of what the parts and their libraries say of themselves at their start.
    let noise = ["is ready on ", "starting service", "workers"];
    assert!(!rest.iter().any(|line| noise.iter().any(|noise| line.contains(noise))), "{rest:#?}");
    assert!(rest.iter().any(|line| line.contains("stopping after what is in hand")), "{rest:#?}");

    let [ready, kept, dashboard] = &first[..] else { panic!("{first:#?}") };
    let (ready, kept, dashboard) = (ready.trim_end(), kept.trim_end(), dashboard.trim_end());
    let (api, sites) =
        ready.strip_prefix("shipstack is ready: API ").expect(ready).split_once(", sites ").unwrap();
    let port = |rest: &str| rest.parse::<u16>().is_ok_and(|port| port > 0);
    assert!(api.strip_prefix("http://127.0.0.1:").is_some_and(port), "{ready}");
    let sites = sites.strip_prefix("http://<id>.localhost:").and_then(|rest| rest.strip_suffix('/'));
    assert!(sites.is_some_and(port), "{ready}");
    let data = folder.path().canonicalize().unwrap().join(".shipstack");
    assert_eq!(kept, format!("Deployments are kept in {}, the queue in this process", data.display()));
    assert_eq!(dashboard, format!("The dashboard is at {api}/ · Ctrl-C stops"));
}

#[test]
fn commands_call_the_server_of_their_folder_and_say_what_is_unknown_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let port = shipstack_testkit::free_port().unwrap();
    let env = format!(
        "SHIPSTACK_API_ADDR=127.0.0.1:{port}\nSHIPSTACK_SERVE_ADDR=127.0.0.1:0\nSHIPSTACK_TOKEN=right\n"
    );
    std::fs::write(folder.path().join(".env"), env).unwrap();
    let nowhere = [("DOCKER_HOST", "unix:///nowhere/docker.sock")];
    let mut up = shipstack(folder.path(), &["up"], &nowhere).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(up.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = shipstack(folder.path(), arguments, variables).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        text(&output.stderr)
    };
    let unknown = [&["status", "abc"][..], &["cancel", "abc"], &["rm", "--yes", "abc"], &["logs", "abc"]]
        .map(|arguments| said(arguments, &[]));
    let wrong = said(&["ls"], &[("SHIPSTACK_TOKEN", "wrong")]);
    kill_process(Pid::from_child(&up), Signal::TERM).unwrap();
    assert!(up.wait().unwrap().success());
    assert!(line.contains(&format!("127.0.0.1:{port}")), "{line}");
    for said in unknown {
        assert!(said.contains("there is no deployment abc; `shipstack ls`"), "{said}");
    }
    assert!(wrong.contains("this is not the token of http://127.0.0.1"), "{wrong}");
}

#[test]
fn off_a_terminal_up_prints_that_it_is_ready_and_nothing_else_and_logs_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("SHIPSTACK_API_ADDR", "127.0.0.1:0"),
        ("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0"),
        ("DOCKER_HOST", "unix:///nowhere/docker.sock"),
    ];
    let mut up = shipstack(folder.path(), &["up"], &variables);
    let mut up = up.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut answers = BufReader::new(up.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut log = BufReader::new(up.stderr.take().unwrap()).lines().map_while(Result::ok);
    let ready = answers.next().unwrap();
    // The worker's word on its engine: by then everything has said that it is there.
    let before: Vec<String> = log.by_ref().take_while(|line| !line.contains("nothing is claimed")).collect();
    kill_process(Pid::from_child(&up), Signal::TERM).unwrap();
    let after: Vec<String> = log.collect();
    assert!(up.wait().unwrap().success());
    assert!(ready.starts_with("shipstack is ready: API http://127.0.0.1:"), "{ready}");
    assert_eq!(answers.count(), 0, "more than the answer");
    for line in before.iter().chain(&after) {
        assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()), "{line}");
    }
}

/// What `doctor` says of this, as JSON: the first check of that name.
fn check_of(checks: &Value, name: &str) -> Value {
    let found = checks.as_array().unwrap().iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("nothing is said of {name}: {checks:#}")).clone()
}

#[test]
fn doctor_believes_the_worker_that_runs_about_its_engine_and_looks_itself_where_none_does() {
    let folder = tempfile::tempdir().unwrap();
    let port = shipstack_testkit::free_port().unwrap();
    let env = format!("SHIPSTACK_API_ADDR=127.0.0.1:{port}\nSHIPSTACK_SERVE_ADDR=127.0.0.1:0\n");
    std::fs::write(folder.path().join(".env"), env).unwrap();
    let doctor = || {
        let of_this_shell = [("DOCKER_HOST", "unix:///of-this-shell/docker.sock")];
        let output = shipstack(folder.path(), &["doctor", "--json"], &of_this_shell).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let alone = doctor();
    assert!(check_of(&alone, "engine")["detail"].as_str().unwrap().contains("of-this-shell"), "{alone:#}");

    let of_the_worker = [("DOCKER_HOST", "unix:///of-the-worker/docker.sock")];
    let mut up = shipstack(folder.path(), &["up"], &of_the_worker);
    let mut up = up.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(up.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut checks = Value::Null;
    wait_until_blocking(PATIENCE, "the worker to report", || {
        checks = doctor();
        check_of(&checks, "worker")["ok"] == true
    });
    kill_process(Pid::from_child(&up), Signal::TERM).unwrap();
    assert!(up.wait().unwrap().success());
    let said = |name: &str| check_of(&checks, name)["detail"].as_str().unwrap().to_owned();
    assert!(said("server").starts_with(&format!("http://127.0.0.1:{port} answers")), "{checks:#}");
    assert!(said("engine").contains(", says worker "), "{checks:#}");
    assert!(said("API address").ends_with("where shipstack answers"), "{checks:#}");
    assert!(!checks.to_string().contains("of-this-shell"), "{checks:#}");
}

#[test]
fn doctor_names_the_fix_of_what_is_broken() {
    let nowhere = [("DOCKER_HOST", "unix:///nowhere/docker.sock"), ("SHIPSTACK_API_ADDR", "127.0.0.1:0")];
    let output = run(&["doctor"], &nowhere);
    let report = text(&output.stdout);
    let broken = report.lines().find(|line| line.starts_with("BROKEN")).expect(&report);
    assert!(output.status.code() == Some(1) && broken.contains('→') && broken.contains("Docker"), "{report}");
    let checks: Value = serde_json::from_slice(&run(&["doctor", "--json"], &nowhere).stdout).unwrap();
    assert!(
        checks.as_array().unwrap().iter().any(|check| check["ok"] == false && check["remedy"].is_string())
    );
}

mod real_docker {
    use super::*;

    /// `shipstack up`, on free ports, gone when dropped.
    struct Up {
        api: String,
        folder: TempDir,
        process: Leashed,
        home: TempDir,
    }

    impl Drop for Up {
        /// A platform that is only killed leaves its proxy's network in Docker.
        fn drop(&mut self) {
            self.process.stop();
        }
    }

    impl Up {
        fn start() -> Option<Self> {
            let engine = DockerEngine::start()?;
            let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let line = line(folder.path(), engine.host());
            let process = Leashed::start(home.path(), &line).unwrap();
            let log = home.path().join("log");
            let printed = || std::fs::read_to_string(&log).unwrap_or_default();
            wait_until_blocking(PATIENCE, "`up` to be ready", || {
                assert!(process.is_running(), "{}", printed());
                printed().contains("shipstack is ready: API ")
            });
            let printed = printed();
            let api = printed
                .split("shipstack is ready: API ")
                .nth(1)
                .unwrap()
                .split(',')
                .next()
                .unwrap()
                .to_owned();
            Some(Self { api, folder, process, home })
        }

        fn run(&self, arguments: &[&str]) -> Output {
            self.command(arguments).output().unwrap()
        }

        fn command(&self, arguments: &[&str]) -> Command {
            shipstack(self.folder.path(), arguments, &[("SHIPSTACK_API_URL", &self.api)])
        }

        /// A project in the working folder.
        fn project(&self, name: &str, files: &[(&str, &str)]) {
            let folder = self.folder.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            for (name, text) in files {
                std::fs::write(folder.join(name), text).unwrap();
            }
        }

        fn printed(&self) -> String {
            std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
        }
    }

    fn line(folder: &Path, docker: &str) -> Vec<String> {
        let mut line = vec!["env".to_owned(), "-C".to_owned(), folder.display().to_string()];
        line.extend(["-u".to_owned(), "REDIS_URL".to_owned(), "-u".to_owned(), "AWS_BUCKET".to_owned()]);
        line.extend([
            format!("DOCKER_HOST={docker}"),
            "SHIPSTACK_API_ADDR=127.0.0.1:0".to_owned(),
            "SHIPSTACK_SERVE_ADDR=127.0.0.1:0".to_owned(),
            env!("CARGO_BIN_EXE_shipstack").to_owned(),
            "up".to_owned(),
        ]);
        line
    }

    #[test]
    fn deploy_prints_the_url_alone_and_status_tells_the_rest() {
        let Some(up) = Up::start() else { return };
        up.project("site", &[("index.html", "<h1>Hello</h1>")]);
        let output = up.run(&["deploy", "site", "--follow"]);
        let url = text(&output.stdout);
        assert!(output.status.success(), "{}\n{}", text(&output.stderr), up.printed());
        assert!(
            url.starts_with("http://") && url.contains(".localhost:") && url.lines().count() == 1,
            "{url}"
        );
        let id = url.trim_start_matches("http://").split('.').next().unwrap();
        assert!(text(&up.run(&["status", id]).stdout).starts_with("status     deployed"));
        let json: Value = serde_json::from_slice(&up.run(&["status", id, "--json"]).stdout).unwrap();
        assert_eq!((json["id"].as_str(), json["files"].as_u64()), (Some(id), Some(1)));
    }

    #[test]
    fn a_deployment_that_fails_is_exit_1_with_its_remedy_and_no_url() {
        let Some(up) = Up::start() else { return };
        up.project("nothing", &[("notes.txt", "no site here")]);
        let output = up.run(&["deploy", "nothing", "--follow"]);
        assert_eq!(
            (output.status.code(), text(&output.stdout).as_str()),
            (Some(1), ""),
            "{}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains("no_site: ") && text(&output.stderr).contains("is failed"),
            "{}",
            text(&output.stderr)
        );
        let refused = up.run(&["deploy", "ftp://example.org/x"]);
        assert_eq!((refused.status.code(), text(&refused.stdout).as_str()), (Some(1), ""));
        assert_eq!(up.run(&["status", "unknown"]).status.code(), Some(1));
    }

    #[test]
    fn ctrl_c_stops_watching_and_not_the_build() {
        let Some(up) = Up::start() else { return };
        up.project(
            "slow",
            &[("package.json", r#"{"scripts":{"build":"sleep 5; mkdir dist; echo hi > dist/index.html"}}"#)],
        );
        let mut watching = up.command(&["deploy", "slow", "--follow"]);
        let mut watching = watching.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(watching.stderr.take().unwrap()).lines().map_while(Result::ok);
        let accepted = told.find(|line| line.ends_with(" is accepted")).unwrap();
        kill_process(Pid::from_child(&watching), Signal::INT).unwrap();
        let rest: Vec<String> = told.collect();
        let output = watching.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(130), ""), "{rest:?}");
        let id = accepted.trim_end_matches(" is accepted");
        assert!(rest.last().unwrap().contains(&format!("shipstack status {id}")), "{rest:?}");
        wait_until_blocking(PATIENCE, "the build to end", || {
            text(&up.run(&["status", id]).stdout).starts_with("status     deployed")
        });
    }

    #[test]
    fn doctor_finds_a_running_system_sound_whatever_docker_its_shell_knows() {
        let Some(up) = Up::start() else { return };
        let mut asked = up.command(&["doctor"]);
        asked.envs([("DOCKER_HOST", "unix:///nowhere/docker.sock"), ("SHIPSTACK_API_ADDR", "127.0.0.1:0")]);
        asked.env("SHIPSTACK_SERVE_ADDR", "127.0.0.1:0");
        let mut report = String::new();
        wait_until_blocking(PATIENCE, "`doctor` to find everything well", || {
            let output = asked.output().unwrap();
            report = text(&output.stdout);
            output.status.success()
        });
        assert!(report.lines().any(|line| line.starts_with("ok      builds ")), "{report}");
    }

    #[test]
    fn a_data_folder_is_used_by_one_at_a_time_and_free_after_a_kill() {
        let Some(mut up) = Up::start() else { return };
        let second = up.run(&["up"]);
        assert_eq!(second.status.code(), Some(1));
        assert!(text(&second.stderr).contains("in use by another"), "{}", text(&second.stderr));
        up.process.signal(Signal::TERM).unwrap();
        wait_until_blocking(PATIENCE, "`up` to stop when told", || !up.process.is_running());
        up.process.kill();
    }
}
