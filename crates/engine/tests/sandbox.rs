//! The life of a sandbox on a real engine: open, fill, run, collect, remove.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_docker {
    use super::support::{bench, bench_with, collect, command, project, request, run, sh};
    use bytes::Bytes;
    use futures_util::stream;
    use shipstack_engine::{EngineConfig, EngineError, EntryKind, ExitClass};
    use shipstack_testkit::wait_until;
    use shipstack_types::{
        BuildLimits, BuildProfile, ClaimNumber, Clock, NetworkAccess, PackageManager, Phase, RelPath,
        SystemClock, Timestamp,
    };
    use std::collections::HashSet;
    use std::sync::Arc;
    use std::time::Duration;

    const VITE: &str = r#"{"private":true,"type":"module","scripts":{"build":"vite build"},"devDependencies":{"vite":"5.4.21"}}"#;
    /// Yarn stops on platform packages that a mirror lacks, so what it resolves is pinned for it.
    const PINNED: &str = r#"{"private":true,"type":"module","scripts":{"build":"vite build"},"devDependencies":{"vite":"5.4.21"},"resolutions":{"rollup":"4.24.0"}}"#;
    const PAGE: &str = "<!doctype html><script type=module src=/src/main.js></script>";
    const SCRIPT: &str = "document.body.textContent = 'hello from the sandbox';";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_vite_project_installs_builds_and_is_collected() {
        let Some(bench) = bench().await else { return };
        bench.engine.start_egress().await.unwrap();
        let files = [("package.json", VITE), ("index.html", PAGE), ("src/main.js", SCRIPT)];
        let sandbox = bench.filled(&files).await;
        let (end, output) = sh(&sandbox, "npm install").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        let (end, output) = sh(&sandbox, "npm run build").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        assert!(end.peak_memory_bytes.unwrap() > 10 << 20);
        let files = collect(&sandbox, "dist").await.unwrap();
        assert!(files.contains_key("index.html"), "{:?}", files.keys());
        let receipt = sandbox.egress_receipt().await.unwrap().unwrap();
        assert!(receipt.allowed.iter().any(|host| host.received > 1 << 20), "{receipt:?}");
        assert_eq!(receipt.refused, []);
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    /// Each in a sandbox of its own, for each wants another package manager on its path.
    #[tokio::test(flavor = "multi_thread")]
    async fn every_package_manager_of_the_image_installs_and_builds() {
        let Some(bench) = bench().await else { return };
        for (name, major, install, build) in [
            ("pnpm", 7, "pnpm install", "pnpm run build"),
            ("pnpm", 8, "pnpm install", "pnpm run build"),
            ("pnpm", 9, "pnpm install", "pnpm run build"),
            ("pnpm", 10, "pnpm install", "pnpm run build"),
            ("yarn", 1, "yarn install", "yarn run build"),
            ("yarn", 3, "yarn install", "yarn run build"),
            ("yarn", 4, "yarn install", "yarn run build"),
            ("bun", 1, "bun install", "bun run build"),
        ] {
            let mut request = request(BuildLimits::of(BuildProfile::Standard));
            request.toolchain.package_manager = Some(PackageManager { name: name.to_owned(), major });
            request.env.push(("YARN_ENABLE_IMMUTABLE_INSTALLS".to_owned(), "false".to_owned()));
            let sandbox = bench.engine.open(request).await.unwrap();
            let package = if name == "yarn" { PINNED } else { VITE };
            let files =
                [("package.json", package), ("index.html", PAGE), ("src/main.js", SCRIPT), ("yarn.lock", "")];
            let kept = if name == "yarn" { 4 } else { 3 };
            sandbox.fill(project(&files[..kept])).await.unwrap();
            let (end, version) = sh(&sandbox, &format!("{name} --version")).await;
            assert_eq!(end.exit, ExitClass::Ok, "{name}@{major}: {version}");
            assert!(
                version.lines().any(|line| line.starts_with(&format!("{major}."))),
                "{name}@{major}: {version}"
            );
            for script in [install, build] {
                let (end, output) = sh(&sandbox, script).await;
                assert_eq!(end.exit, ExitClass::Ok, "{name}@{major}: {output}");
            }
            assert!(collect(&sandbox, "dist").await.unwrap().contains_key("index.html"), "{name}@{major}");
            sandbox.remove().await.unwrap();
        }
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_exit_is_classed_by_its_code_and_the_engines_events() {
        let Some(bench) = bench().await else { return };
        let mut limits = BuildLimits::of(BuildProfile::Standard);
        limits.memory_bytes = 96 << 20;
        let sandbox = bench.open_with(limits).await;
        sandbox.fill(project(&[])).await.unwrap();
        let hungry = "node -e 'const a=[];for(;;)a.push(Buffer.alloc(1<<20,1))'";
        for (script, exit) in [
            ("true", ExitClass::Ok),
            ("exit 3", ExitClass::Exit(3)),
            ("no-such-program", ExitClass::Exit(127)),
            ("kill -9 $$", ExitClass::Signal(9)),
            // Everything that it may signal, and that is not what holds the container open.
            ("kill -9 -1; exit 6", ExitClass::Exit(6)),
            ("setsid sh -c 'kill -9 -1' & sleep 300", ExitClass::Signal(9)),
            ("exit 137", ExitClass::Signal(9)),
            (hungry, ExitClass::OutOfMemory),
            (&format!("{hungry}; true"), ExitClass::Ok),
            // After an out-of-memory that was forgiven, the next failure is judged for itself.
            ("exit 4", ExitClass::Exit(4)),
            // One file of at most 4 GiB: SIGXFSZ.
            ("truncate -s 5G big", ExitClass::Signal(25)),
            // What it leaves behind does not hold its end.
            ("sleep 300 & exit 0", ExitClass::Ok),
            // Nor does a process that closes its output end before it ends.
            ("exec >&- 2>&-; sleep 1; exit 5", ExitClass::Exit(5)),
        ] {
            let (end, output) = sh(&sandbox, script).await;
            assert_eq!(end.exit, exit, "{script}: {output}");
        }
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_limit_ends_the_work_and_names_itself() {
        let Some(bench) = bench().await else { return };
        for (which, expected) in [
            ("deadline", ExitClass::TimedOut),
            ("silence", ExitClass::Silent),
            ("cancel", ExitClass::Cancelled),
        ] {
            let sandbox = bench.filled(&[]).await;
            // Deaf to every signal but the last one, and with a child that is, too.
            let mut command = command("trap '' TERM INT HUP; echo begun; sleep 300 & sleep 300");
            let cancel = tokio_util::sync::CancellationToken::new();
            match which {
                "deadline" => command.deadline = tokio::time::Instant::now() + Duration::from_secs(1),
                "silence" => command.silence = Duration::from_secs(1),
                _ => {}
            }
            let (sender, mut lines) = tokio::sync::mpsc::channel(64);
            let began = tokio::time::Instant::now();
            let stopper = cancel.clone();
            let reader = tokio::spawn(async move {
                let first = lines.recv().await;
                if which == "cancel" {
                    stopper.cancel();
                }
                first
            });
            let end = sandbox.run(&command, sender, cancel).await.unwrap();
            assert_eq!(end.exit, expected);
            assert!(began.elapsed() < Duration::from_secs(10), "{which}: {:?}", began.elapsed());
            assert_eq!(reader.await.unwrap().unwrap().text, "begun");
            sandbox.remove().await.unwrap();
        }
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_workspace_that_grows_past_its_limit_ends_the_build() {
        let Some(bench) = bench().await else { return };
        let mut limits = BuildLimits::of(BuildProfile::Standard);
        limits.disk_bytes = 50 << 20;
        for script in [
            "mkdir -m 700 hidden; head -c 80M /dev/zero > hidden/big; sleep 300",
            "mkdir closed; head -c 80M /dev/zero > closed/big; chmod 000 closed; sleep 300",
            "exec 3>gone; rm gone; head -c 80M /dev/zero >&3; sleep 300",
        ] {
            let sandbox = bench.open_with(limits.clone()).await;
            sandbox.fill(project(&[])).await.unwrap();
            let (end, _) = sh(&sandbox, script).await;
            let ExitClass::DiskLimit { used_bytes: Some(used) } = end.exit else {
                panic!("{script}: {:?}", end.exit)
            };
            assert!(used > 80 << 20, "{script}: {used}");
            sandbox.remove().await.unwrap();
        }
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_fork_bomb_is_contained_and_the_sandbox_still_goes() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.filled(&[]).await;
        let script = "bomb() { bomb | bomb & }; bomb; sleep 5; echo over";
        let mut command = command(script);
        command.deadline = tokio::time::Instant::now() + Duration::from_secs(4);
        let (end, _) = run(&sandbox, &command).await;
        assert_ne!(end.exit, ExitClass::Ok);
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hundred_thousand_lines_arrive_in_order_and_a_slow_reader_stops_no_deadline() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.filled(&[]).await;
        let (end, lines) = run(&sandbox, &command("seq 1 100000; seq 1 3 >&2")).await;
        assert_eq!(end.exit, ExitClass::Ok);
        let numbers: Vec<String> = (1..=100_000).map(|number| number.to_string()).collect();
        assert_eq!(lines.len(), 100_003);
        assert!(lines.iter().filter(|line| line.len() > 1 || line.as_str() > "3").eq(numbers.iter().skip(3)));
        let mut endless = command("yes");
        endless.deadline = tokio::time::Instant::now() + Duration::from_secs(1);
        // Nobody reads.
        let (sender, _lines) = tokio::sync::mpsc::channel(1);
        let end = sandbox.run(&endless, sender, tokio_util::sync::CancellationToken::new()).await.unwrap();
        assert_eq!(end.exit, ExitClass::TimedOut);
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_container_killed_from_outside_is_not_the_projects_failure() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.filled(&[]).await;
        let container = bench.build_container().await;
        let (sender, mut lines) = tokio::sync::mpsc::channel(64);
        let docker = bench.docker.clone();
        let killer = tokio::spawn(async move {
            lines.recv().await.unwrap();
            docker.kill_container(&container, None).await.unwrap();
        });
        let command = command("echo begun; sleep 300");
        let ended = sandbox.run(&command, sender, tokio_util::sync::CancellationToken::new()).await;
        assert!(matches!(ended, Err(EngineError::ContainerLost { .. })), "{ended:?}");
        killer.await.unwrap();
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_engine_over_tcp_runs_builds_and_one_that_goes_away_is_not_the_projects_failure() {
        let Some(found) = shipstack_testkit::DockerEngine::start() else { return };
        let link = shipstack_testkit::FaultProxy::start(found.upstream().unwrap()).unwrap();
        let host = format!("tcp://{}", link.address());
        let Some(bench) = bench_with(|config| config.docker_host = Some(host)).await else { return };
        let sandbox = bench.filled(&[]).await;
        let (end, output) = sh(&sandbox, "echo built").await;
        assert_eq!((end.exit, output.as_str()), (ExitClass::Ok, "built"));
        let (sender, mut lines) = tokio::sync::mpsc::channel(64);
        let command = command("echo begun; sleep 300");
        let running = sandbox.run(&command, sender, tokio_util::sync::CancellationToken::new());
        let going = async {
            lines.recv().await.unwrap();
            link.refuse();
        };
        let (ended, ()) = tokio::join!(running, going);
        let error = ended.unwrap_err();
        assert!(error.failure(Phase::Building).retryable, "{error:?}");
        link.allow();
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_proxy_that_dies_is_started_again_and_blamed_instead_of_the_project() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.filled(&[]).await;
        let proxy = format!("shipstack-egress-{}", bench.worker);
        bench.docker.kill_container(&proxy, None).await.unwrap();
        wait_until("the proxy runs again", async || {
            let inspected = bench.docker.inspect_container(&proxy, None).await;
            inspected.is_ok_and(|found| found.state.is_some_and(|state| state.running == Some(true)))
        })
        .await;
        let (sender, _lines) = tokio::sync::mpsc::channel(64);
        let ended = sandbox.run(&command("exit 1"), sender, tokio_util::sync::CancellationToken::new()).await;
        assert!(matches!(ended, Err(EngineError::EgressLost { .. })), "{ended:?}");
        sandbox.remove().await.unwrap();
        let sandbox = bench.filled(&[]).await;
        let (end, output) = sh(&sandbox, "npm view vite@5.4.21 name").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn there_is_one_sandbox_for_a_claim_and_a_dropped_one_removes_itself() {
        let Some(bench) = bench().await else { return };
        let request = request(BuildLimits::of(BuildProfile::Classic));
        let sandbox = bench.engine.open(request.clone()).await.unwrap();
        let second = bench.engine.open(request.clone()).await;
        assert!(matches!(second, Err(EngineError::AlreadyExists { .. })), "{second:?}");
        drop(sandbox);
        wait_until("the claim is free again", async || match bench.engine.open(request.clone()).await {
            Ok(sandbox) => sandbox.remove().await.is_ok(),
            Err(_) => false,
        })
        .await;
        bench.finish().await;
    }

    /// A clock that stands still yesterday, so that what is made by it is old and what others make is not.
    #[derive(Debug)]
    struct Yesterday(Timestamp);

    impl Clock for Yesterday {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_dead_worker_left_is_removed_and_what_is_held_is_not() {
        let now = SystemClock.now().as_millis();
        let installation = format!("janitor-{now}");
        let Some(bench) = bench_with(|config| config.installation.clone_from(&installation)).await else {
            return;
        };
        let Some(stranger) = bench_with(|_| {}).await else { return };
        let yesterday = Timestamp::from_millis(now - 24 * 60 * 60 * 1000);
        let make = |config: &mut EngineConfig| {
            config.clock = Arc::new(Yesterday(yesterday));
            config.installation.clone_from(&installation);
        };
        let Some(dead) = bench_with(make).await else { return };
        let request = request(BuildLimits::of(BuildProfile::Classic));
        let claim = (request.deployment.clone(), ClaimNumber::FIRST);
        // It never gets to remove anything.
        std::mem::forget(dead.engine.open(request).await.unwrap());
        let hour = Duration::from_hours(1);
        let cleaned = stranger.engine.clean(&HashSet::new(), hour).await.unwrap();
        assert!(!dead.labelled().await.is_empty(), "another installation's is left alone: {cleaned:?}");
        let cleaned = bench.engine.clean(&HashSet::from([claim]), hour).await.unwrap();
        assert!(!dead.labelled().await.is_empty(), "a claim with a lease is left alone: {cleaned:?}");
        let cleaned = bench.engine.clean(&HashSet::new(), 48 * hour).await.unwrap();
        assert!(!dead.labelled().await.is_empty(), "so is what is young: {cleaned:?}");
        dead.engine.shut_down().await;
        let cleaned = bench.engine.clean(&HashSet::new(), hour).await.unwrap();
        assert_eq!(cleaned.removed.len(), 3, "{cleaned:?}");
        dead.finish().await;
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn links_lead_the_collector_nowhere_and_folders_can_be_listed() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.filled(&[("site/real/index.html", "hi"), ("file", "x")]).await;
        let script =
            "ln -s /etc dist; ln -s site/real out; ln -s / up; mkdir -p node_modules/x .cache; mkfifo pipe";
        assert_eq!(sh(&sandbox, script).await.0.exit, ExitClass::Ok);
        for (path, kind) in [
            ("", Some(EntryKind::Folder)),
            ("site/real", Some(EntryKind::Folder)),
            ("file", Some(EntryKind::File)),
            ("file/below", None),
            ("dist", Some(EntryKind::Other)),
            ("out", Some(EntryKind::Other)),
            ("up/etc", Some(EntryKind::Other)),
            ("pipe", Some(EntryKind::Other)),
            ("nothing", None),
        ] {
            assert_eq!(sandbox.entry(&path.parse().unwrap()).await.unwrap(), kind, "{path}");
        }
        for path in ["dist", "out", "up/etc", "file", "nothing", "pipe"] {
            assert!(collect(&sandbox, path).await.is_none(), "{path}");
        }
        let files = collect(&sandbox, "site/real").await.unwrap();
        assert_eq!(files.into_iter().collect::<Vec<_>>(), [("index.html".to_owned(), b"hi".to_vec())]);
        let folders = sandbox.list_folders().await.unwrap();
        assert_eq!(folders.iter().map(RelPath::as_str).collect::<Vec<_>>(), ["site", "site/real"]);
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_source_that_breaks_off_is_told_as_such() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.open().await;
        let broken = stream::iter([Ok(Bytes::from_static(&[0; 100])), Err(std::io::Error::other("cut"))]);
        let filled = sandbox.fill(broken).await;
        assert!(matches!(filled, Err(EngineError::Source { .. })), "{filled:?}");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_runtime_or_an_image_that_is_missing_refuses_builds_and_leaves_nothing() {
        let unknown = |config: &mut EngineConfig| {
            config.runtime = Some("no-such-runtime".to_owned());
            config.egress.network = NetworkAccess::None;
        };
        let Some(bench) = bench_with(unknown).await else { return };
        let opened = bench.engine.open(request(BuildLimits::of(BuildProfile::Classic))).await;
        assert!(matches!(opened, Err(EngineError::RuntimeMissing { .. })), "{opened:?}");
        assert!(bench.engine.check().await.iter().any(|check| check.name == "isolation" && !check.ok));
        bench.finish().await;
        // Nothing listens on port 1.
        let missing =
            |config: &mut EngineConfig| config.image = Some("127.0.0.1:1/shipstack/none:none".to_owned());
        let Some(bench) = bench_with(missing).await else { return };
        let opened = bench.engine.open(request(BuildLimits::of(BuildProfile::Classic))).await;
        assert!(matches!(opened, Err(EngineError::ImageMissing { .. })), "{opened:?}");
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_healthy_engine_passes_every_check_and_names_its_tools() {
        let Some(bench) = bench().await else { return };
        let checks = bench.engine.check().await;
        let names: Vec<_> = checks.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(names, ["engine", "runc", "isolation", "limits", "seccomp", "image"]);
        assert!(checks.iter().all(|check| check.ok), "{checks:?}");
        let tools = bench.engine.tools().await.unwrap();
        let nodes: Vec<u32> =
            tools.iter().filter(|tool| tool.name == "node").map(|tool| tool.major).collect();
        assert_eq!(nodes, [20, 22, 24]);
        bench.finish().await;
    }
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_the_platforms_fault() {
    use shipstack_engine::{Engine, EngineConfig, EngineError};
    use shipstack_types::{Code, Phase, WorkerId};
    let mut config = EngineConfig::new(WorkerId::new("engine-test", [0; 8]));
    config.docker_host = Some("unix:///nonexistent/docker.sock".to_owned());
    let error = Engine::connect(config).await.unwrap_err();
    assert!(matches!(error, EngineError::Unavailable { .. }), "{error:?}");
    let failure = error.failure(Phase::Preparing);
    assert_eq!(failure.code, Code::EngineUnavailable);
    assert!(failure.retryable);
}
