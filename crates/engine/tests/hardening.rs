//! Every control of every profile, read from live containers, and a probe that tries each way out from inside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_docker {
    use super::support::{Bench, bench, bench_with, collect, project, sh};
    use serde_json::{Value, json};
    use shipstack_engine::{CLAIM, CREATED, DEPLOYMENT, ExitClass, WORKER};
    use shipstack_types::{BuildLimits, BuildProfile, NetworkAccess};
    use std::collections::BTreeMap;

    const PROBE: &str = include_str!("probe/probe.pl");
    const GIB: u64 = 1 << 30;
    const MIB: u64 = 1 << 20;

    /// Memory, CPU quota per 100 ms, processes: build.md §2.
    fn figures(profile: BuildProfile) -> (u64, u64, u64) {
        match profile {
            BuildProfile::Classic => (512 * MIB, 50_000, 256),
            BuildProfile::Standard => (2 * GIB, 200_000, 512),
            BuildProfile::Large => (8 * GIB, 400_000, 1024),
        }
    }

    async fn inspected(bench: &Bench) -> Value {
        let container = bench.build_container().await;
        serde_json::to_value(bench.docker.inspect_container(&container, None).await.unwrap()).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_live_container_of_every_profile_has_every_control() {
        let Some(bench) = bench().await else { return };
        for profile in BuildProfile::ALL {
            let sandbox = bench.open_with(BuildLimits::of(profile)).await;
            let live = inspected(&bench).await;
            let (memory, quota, pids) = figures(profile);
            for (pointer, expected) in [
                ("/Config/User", json!("65534:65534")),
                ("/Config/Healthcheck/Test", json!(["NONE"])),
                ("/Config/Tty", json!(false)),
                ("/Config/OpenStdin", json!(false)),
                ("/HostConfig/ReadonlyRootfs", json!(true)),
                ("/HostConfig/Tmpfs", json!({"/tmp": "rw,noexec,nosuid,nodev,size=512m,mode=1777"})),
                ("/HostConfig/CapDrop", json!(["ALL"])),
                ("/HostConfig/Privileged", json!(false)),
                ("/HostConfig/Memory", json!(memory)),
                ("/HostConfig/MemorySwap", json!(memory)),
                ("/HostConfig/CpuPeriod", json!(100_000)),
                ("/HostConfig/CpuQuota", json!(quota)),
                ("/HostConfig/CpuShares", json!(256)),
                ("/HostConfig/PidsLimit", json!(pids)),
                ("/HostConfig/OomScoreAdj", json!(500)),
                ("/HostConfig/Init", json!(true)),
                ("/HostConfig/IpcMode", json!("private")),
                ("/HostConfig/CgroupnsMode", json!("private")),
                ("/HostConfig/LogConfig/Type", json!("none")),
                ("/HostConfig/RestartPolicy/Name", json!("no")),
                ("/HostConfig/AutoRemove", json!(false)),
                ("/HostConfig/Dns", json!(["127.0.0.1"])),
                ("/HostConfig/Runtime", json!("runc")),
                ("/State/Running", json!(true)),
            ] {
                assert_eq!(live.pointer(pointer), Some(&expected), "{profile:?} {pointer}");
            }
            for pointer in ["PidMode", "UTSMode", "UsernsMode"] {
                let mode = &live["HostConfig"][pointer];
                assert!(mode.is_null() || mode == "", "{pointer}: {mode}");
            }
            for pointer in
                ["Binds", "CapAdd", "Devices", "DeviceRequests", "PortBindings", "VolumesFrom", "Links"]
            {
                let list = &live["HostConfig"][pointer];
                assert!(list.is_null() || list == &json!([]) || list == &json!({}), "{pointer}: {list}");
            }
            assert_ulimits(&live);
            assert_security_options(&live);
            assert_mounts_and_labels(&live);
            sandbox.remove().await.unwrap();
        }
        bench.finish().await;
    }

    fn assert_ulimits(live: &Value) {
        let ulimits = live["HostConfig"]["Ulimits"].as_array().unwrap();
        let ulimit =
            |ulimit: &Value| (ulimit["Name"].as_str().unwrap().to_owned(), ulimit["Hard"].as_u64().unwrap());
        let ulimits: BTreeMap<String, u64> = ulimits.iter().map(ulimit).collect();
        let expected = [("core", 0), ("fsize", 4 * GIB), ("nofile", 16_384)];
        assert_eq!(ulimits, expected.map(|(name, value)| (name.to_owned(), value)).into());
    }

    fn assert_security_options(live: &Value) {
        let options = live["HostConfig"]["SecurityOpt"].as_array().unwrap();
        assert_eq!(options[0], "no-new-privileges");
        let profile = options[1].as_str().unwrap().strip_prefix("seccomp=").unwrap();
        assert_eq!(serde_json::from_str::<Value>(profile).unwrap()["defaultAction"], "SCMP_ACT_ERRNO");
        assert_eq!(options.len(), 2);
    }

    fn assert_mounts_and_labels(live: &Value) {
        let mounts = live["Mounts"].as_array().unwrap();
        assert_eq!(mounts.len(), 1, "{mounts:?}");
        assert_eq!((&mounts[0]["Type"], &mounts[0]["Destination"]), (&json!("volume"), &json!("/workspace")));
        for label in [DEPLOYMENT, CLAIM, WORKER, CREATED] {
            assert!(live["Config"]["Labels"][label].is_string(), "{label}");
        }
        let id = live["Config"]["Labels"][DEPLOYMENT].as_str().unwrap();
        assert_eq!(live["Name"], json!(format!("/shipstack-{id}-1")));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_network_of_a_build_is_internal_and_has_no_address_on_the_host() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.open().await;
        let live = inspected(&bench).await;
        let networks = live["NetworkSettings"]["Networks"].as_object().unwrap();
        assert_eq!(networks.len(), 1);
        let id = networks.values().next().unwrap()["NetworkID"].as_str().unwrap();
        let network = serde_json::to_value(bench.docker.inspect_network(id, None).await.unwrap()).unwrap();
        assert_eq!(network["Internal"], true);
        assert_eq!(network["EnableIPv6"], false);
        assert_eq!(network["Options"]["com.docker.network.bridge.inhibit_ipv4"], "true");
        assert_eq!(network["Containers"].as_object().unwrap().len(), 2, "the build and the proxy");
        let gateway = network["IPAM"]["Config"][0]["Gateway"].as_str().unwrap();
        let bound = std::net::TcpListener::bind((gateway, 0));
        assert!(bound.is_err(), "the host must not own {gateway}");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_a_network_there_is_only_loopback() {
        let Some(bench) = bench_with(|config| config.egress.network = NetworkAccess::None).await else {
            return;
        };
        let sandbox = bench.filled(&[]).await;
        let (end, interfaces) = sh(&sandbox, "ls /sys/class/net").await;
        assert_eq!((end.exit, interfaces.as_str()), (ExitClass::Ok, "lo"));
        assert!(bench.labelled().await.iter().all(|thing| !thing.starts_with("network")));
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_proxy_is_as_hardened_as_a_build() {
        let Some(bench) = bench().await else { return };
        bench.engine.start_egress().await.unwrap();
        let name = format!("shipstack-egress-{}", bench.worker);
        let live = serde_json::to_value(bench.docker.inspect_container(&name, None).await.unwrap()).unwrap();
        for (pointer, expected) in [
            ("/Config/User", json!("1000:1000")),
            ("/HostConfig/ReadonlyRootfs", json!(true)),
            ("/HostConfig/CapDrop", json!(["ALL"])),
            ("/HostConfig/Privileged", json!(false)),
            ("/HostConfig/Memory", json!(256 * MIB)),
            ("/HostConfig/Sysctls", json!({"net.ipv4.ip_forward": "0"})),
            ("/HostConfig/AutoRemove", json!(true)),
            ("/Mounts", json!([])),
        ] {
            assert_eq!(live.pointer(pointer), Some(&expected), "{pointer}");
        }
        assert_security_options(&live);
        assert_ulimits(&live);
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_way_out_that_the_probe_tries_is_refused() {
        let Some(bench) = bench().await else { return };
        for profile in BuildProfile::ALL {
            let sandbox = bench.open_with(BuildLimits::of(profile)).await;
            sandbox.fill(project(&[("probe.pl", PROBE)])).await.unwrap();
            let (end, table) = sh(&sandbox, "perl probe.pl 2>/dev/null").await;
            println!("{profile:?}\n{table}");
            assert_eq!(end.exit, ExitClass::Ok, "{table}");
            let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
            let tries: Vec<_> = lines.iter().filter(|line| line[0] != "fact").collect();
            assert!(tries.len() > 95, "the probe was cut short: {table}");
            for line in tries {
                let expected = if line[1].starts_with("control_") { "allowed" } else { "refused" };
                assert_eq!(line[0], expected, "{profile:?} {}", line[1]);
            }
            let facts = lines.iter().filter(|line| line[0] == "fact");
            let facts = facts.map(|line| (line[1].to_owned(), line[2].trim().to_owned())).collect();
            assert_facts(&facts, figures(profile));
            sandbox.remove().await.unwrap();
        }
        bench.finish().await;
    }

    fn assert_facts(facts: &BTreeMap<String, String>, (memory, quota, pids): (u64, u64, u64)) {
        for name in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(facts[name], "0000000000000000", "{name}");
        }
        let memory = memory.to_string();
        for (name, expected) in [
            ("NoNewPrivs", &["1"][..]),
            ("Seccomp", &["2"]),
            ("Uid", &["1000 1000 1000 1000"]),
            ("limit_core", &["0"]),
            ("limit_files", &["16384"]),
            // dash counts blocks of 512 bytes.
            ("limit_file_blocks", &["8388608"]),
            ("cgroup_memory", &[&memory]),
            // Version 1 counts both together, version 2 swap alone.
            ("cgroup_swap", &[&memory, "0"]),
            ("cgroup_quota", &[&quota.to_string(), &format!("{quota} 100000")]),
            // Version 2 has weights from 1 to 10,000 instead of shares.
            ("cgroup_shares", &["256", "10", "35", "39"]),
            ("cgroup_pids", &[&pids.to_string()]),
            ("oom_score_adj", &["500"]),
            ("interfaces", &["lo eth0", "eth0 lo"]),
            ("ipv6", &["off"]),
            ("hostname", &["build"]),
        ] {
            assert!(expected.contains(&facts[name].as_str()), "{name}: {} is not {expected:?}", facts[name]);
        }
        assert_writable_mounts(facts);
        assert!(facts["processes"].parse::<u32>().unwrap() < 10, "it sees processes that are not its own");
    }

    /// The workspace is the only writable disk; all else that is writable is memory or a view of the kernel.
    fn assert_writable_mounts(facts: &BTreeMap<String, String>) {
        for (mount, detail) in
            facts.iter().filter_map(|(name, detail)| Some((name.strip_prefix("mount ")?, detail)))
        {
            let (kind, options) = detail.split_once(' ').unwrap();
            let writable = options.split(',').any(|option| option == "rw");
            let in_memory =
                ["tmpfs", "proc", "devpts", "mqueue", "cgroup", "cgroup2", "sysfs"].contains(&kind);
            assert!(!writable || in_memory || mount == "/workspace", "{mount} {detail}");
        }
        let tmp = &facts["mount /tmp"];
        assert!(tmp.contains("noexec") && tmp.contains("nosuid"), "{tmp}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_build_sees_nothing_of_the_workers_environment() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.filled(&[]).await;
        let (_, variables) = sh(&sandbox, "env | cut -d= -f1 | sort").await;
        for variable in variables.lines() {
            let ours = [
                "PATH",
                "HOME",
                "TMPDIR",
                "XDG_CACHE_HOME",
                "USER",
                "SHELL",
                "LANG",
                "CI",
                "PWD",
                "HOSTNAME",
            ];
            let tools = [
                "npm_config_",
                "YARN_",
                "BUN_",
                "NODE_",
                "NO_PROXY",
                "no_proxy",
                "HTTP",
                "http",
                "SSL_CERT_FILE",
            ];
            let known = ours.contains(&variable)
                || tools.iter().any(|prefix| variable.starts_with(prefix))
                || ["GIT_SSL_CAINFO", "CURL_CA_BUNDLE"].contains(&variable);
            assert!(known, "{variable}");
        }
        let (end, said) = sh(&sandbox, "cat /proc/1/environ").await;
        assert_eq!(end.exit, ExitClass::Exit(1), "what holds it open is not the build's to read: {said}");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_build_leaves_in_its_volume_can_be_read_without_following_it() {
        let Some(bench) = bench().await else { return };
        let sandbox = bench.filled(&[]).await;
        let script = "mkdir out; cd out; ln -s /etc/passwd link; mkfifo fifo; cp /bin/sh setuid; chmod u+s setuid; echo x > file";
        assert_eq!(sh(&sandbox, script).await.0.exit, ExitClass::Ok);
        let files = collect(&sandbox, "out").await.unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["file", "setuid"], "links and pipes are no files");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }
}
