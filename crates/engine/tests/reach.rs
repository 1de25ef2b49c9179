//! What a build can reach: the package registry through the proxy, and nothing else. Each target is first shown to
//! answer from a container on the engine's default bridge, so that "does not answer" means something.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_docker {
    use super::support::{Bench, bench, bench_with, project, random, registry_name, sh};
    use bollard::models::{ContainerCreateBody, HostConfig};
    use bollard::query_parameters::RemoveContainerOptions;
    use shipstack_engine::{DEFAULT_IMAGE, ExitClass, NetworkPolicy, WORKER};
    use shipstack_testkit::{Listen, RedisOptions, RedisServer, Upstream};
    use std::collections::HashMap;
    use std::io::Write;
    use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
    use std::process::Command;

    /// Prints `open` or `shut` for each `host:port`.
    const CONNECT: &str = r#"
use IO::Socket::INET;
for (@ARGV) {
    my $socket = IO::Socket::INET->new(PeerAddr => $_, Timeout => 2);
    print "$_ ", ($socket ? "open" : "shut"), "\n";
}
"#;
    /// A listener inside a container.
    const LISTEN: &str = r#"
use IO::Socket::INET;
my $listener = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die;
$| = 1;
print "ready\n";
while (my $client = $listener->accept) { print $client "hello\n"; close $client }
"#;

    /// A careless operator's Redis: on every address of this host and without a password.
    fn open_redis() -> Option<(RedisServer, u16)> {
        let arguments = ["--bind", "0.0.0.0", "--protected-mode", "no"].map(str::to_owned).to_vec();
        let redis = RedisServer::start_with(&RedisOptions {
            listen: Listen::Tcp,
            arguments,
            ..RedisOptions::default()
        })?;
        let Upstream::Tcp(address) = redis.upstream() else { unreachable!("it listens on TCP") };
        Some((redis, address.port()))
    }

    /// A listener on this host that greets and closes.
    fn listen(address: Ipv4Addr) -> SocketAddr {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let bound = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = (&stream).write_all(b"hello\n");
            }
        });
        bound
    }

    /// A link-local address on a dummy interface of our own, where a cloud has its metadata service.
    struct Metadata {
        interface: String,
        address: Ipv4Addr,
    }

    impl Metadata {
        fn new() -> Option<Self> {
            let [a, b, ..] = random().to_be_bytes();
            let interface = format!("shipmeta{a:02x}{b:02x}");
            // 169.254.1.0 to 169.254.168.255: link-local, and never the real service's.
            let address = Ipv4Addr::new(169, 254, a % 168 + 1, b);
            // A small kernel may lack dummies; a bridge without ports holds an address just as well, and Docker needs it.
            let made = ["dummy", "bridge"].iter().any(|kind| ip(&["link", "add", &interface, "type", kind]));
            let metadata = Self { interface, address };
            let up = made
                && ip(&["address", "add", &format!("{address}/32"), "dev", &metadata.interface])
                && ip(&["link", "set", &metadata.interface, "up"]);
            up.then_some(metadata)
        }
    }

    impl Drop for Metadata {
        fn drop(&mut self) {
            ip(&["link", "delete", &self.interface]);
        }
    }

    fn ip(arguments: &[&str]) -> bool {
        Command::new("ip").args(arguments).output().is_ok_and(|output| output.status.success())
    }

    /// An ordinary container on the default bridge, as a careless platform would use for builds.
    async fn bridge_container(bench: &Bench, script: &str) -> (String, IpAddr) {
        let labels = HashMap::from([(WORKER.to_owned(), bench.worker.to_string())]);
        let body = ContainerCreateBody {
            image: Some(DEFAULT_IMAGE.to_owned()),
            cmd: Some(["perl", "-e", script].map(str::to_owned).to_vec()),
            labels: Some(labels),
            host_config: Some(HostConfig { init: Some(true), ..HostConfig::default() }),
            ..ContainerCreateBody::default()
        };
        #[expect(clippy::disallowed_methods, reason = "it is what builds are compared with")]
        let created = bench.docker.create_container(None, body).await.unwrap();
        bench.docker.start_container(&created.id, None).await.unwrap();
        let live = bench.docker.inspect_container(&created.id, None).await.unwrap();
        let networks = live.network_settings.unwrap().networks.unwrap();
        (created.id, networks["bridge"].ip_address.as_ref().unwrap().parse().unwrap())
    }

    /// What a container on the default bridge sees of these targets.
    fn seen_from_bridge(container: &str, targets: &[String]) -> String {
        let output =
            Command::new("docker").args(["exec", container, "perl", "-e", CONNECT]).args(targets).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }

    /// The host's address on the default bridge: the first of its subnet. Not every engine names the gateway.
    fn default_gateway() -> Ipv4Addr {
        let format = "{{(index .IPAM.Config 0).Subnet}}";
        let output =
            Command::new("docker").args(["network", "inspect", "-f", format, "bridge"]).output().unwrap();
        let subnet = String::from_utf8(output.stdout).unwrap();
        let network: Ipv4Addr = subnet.trim().split('/').next().unwrap().parse().unwrap();
        Ipv4Addr::from_bits(network.to_bits() + 1)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_build_reaches_the_registry_and_neither_host_nor_neighbours_nor_metadata() {
        let Some(bench) = bench().await else { return };
        let Some(metadata) = Metadata::new() else {
            shipstack_testkit::skip("a dummy interface", &"ip(8) refuses");
            return;
        };
        let Some((_redis, redis_port)) = open_redis() else { return };
        let (neighbour, neighbour_address) = bridge_container(&bench, LISTEN).await;
        let host = listen(Ipv4Addr::UNSPECIFIED);
        let service = listen(metadata.address);
        let targets = [
            format!("{}:{}", default_gateway(), host.port()),
            format!("{}:{redis_port}", default_gateway()),
            format!("{neighbour_address}:8080"),
            service.to_string(),
        ];
        let seen = seen_from_bridge(&neighbour, &targets);
        assert_eq!(seen.matches("open").count(), targets.len(), "each answers on the default bridge: {seen}");

        let sandbox = bench.open().await;
        sandbox.fill(project(&[("connect.pl", CONNECT)])).await.unwrap();
        let script = format!("perl connect.pl {}", targets.join(" "));
        let (end, seen) = sh(&sandbox, &script).await;
        assert_eq!(end.exit, ExitClass::Ok, "{seen}");
        assert_eq!(seen.matches("shut").count(), targets.len(), "none answers in a build: {seen}");
        // The gateway that its own network would have, and this host's other addresses.
        let script = format!(
            "perl connect.pl $(sed -n 's/^\\(.*\\)\\.[0-9]*\\tbuild$/\\1.1/p' /etc/hosts):{}",
            host.port()
        );
        let (_, seen) = sh(&sandbox, &script).await;
        assert!(seen.contains("shut") && !seen.contains("open"), "{seen}");

        assert_proxy_refuses(&sandbox, &targets).await;
        let (_, resolved) = sh(&sandbox, "getent hosts deb.debian.org || echo unresolved").await;
        assert_eq!(resolved, "unresolved");
        let (end, output) = sh(&sandbox, "npm view vite@5.4.21 version").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        let receipt = sandbox.egress_receipt().await.unwrap().unwrap();
        assert_eq!(receipt.refused.len(), targets.len(), "{receipt:?}");
        let registry = registry_name().unwrap();
        let registry = registry.split(':').next().unwrap();
        assert!(receipt.allowed.iter().any(|host| host.host == registry && host.received > 0), "{receipt:?}");

        sandbox.remove().await.unwrap();
        let force = RemoveContainerOptions { force: true, ..RemoveContainerOptions::default() };
        bench.docker.remove_container(&neighbour, Some(force)).await.unwrap();
        drop(metadata);
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn on_the_operators_bridge_a_build_resolves_names_and_installs_without_a_proxy() {
        let Some(bench) = bench_with(|config| config.network = NetworkPolicy::Bridge).await else { return };
        let sandbox = bench.filled(&[("package.json", "{}")]).await;
        let (end, output) = sh(&sandbox, "env | grep -i proxy; npm view vite@5.4.21 version").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        // Around the answer npm may say that there is a newer npm.
        assert!(output.lines().any(|line| line == "5.4.21"), "{output}");
        assert!(!output.to_lowercase().contains("proxy"), "{output}");
        assert_eq!(sandbox.egress_receipt().await.unwrap(), None, "nobody keeps account there");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    /// The same targets, asked of the proxy.
    async fn assert_proxy_refuses(sandbox: &shipstack_engine::Sandbox, targets: &[String]) {
        for target in targets {
            let script = format!(
                "perl -MIO::Socket::INET -e '$ENV{{HTTP_PROXY}} =~ m{{//(.*)}}; my $s = IO::Socket::INET->new(PeerAddr => $1) \
                 or die; print $s \"CONNECT {target} HTTP/1.1\\r\\n\\r\\n\"; print scalar <$s>'"
            );
            let (_, answer) = sh(sandbox, &script).await;
            assert_eq!(answer.trim(), "HTTP/1.1 403 Forbidden", "{target}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_builds_cannot_reach_each_other_and_have_accounts_of_their_own() {
        let Some(bench) = bench().await else { return };
        let (first, second) =
            (bench.filled(&[("listen.pl", LISTEN)]).await, bench.filled(&[("connect.pl", CONNECT)]).await);
        let address = "$(sed -n 's/\\tbuild$//p' /etc/hosts)";
        let (_, listener) = sh(&first, &format!("(perl listen.pl >ready 2>&1 &); until grep -q ready ready; do sleep 0.1; done; echo {address}")).await;
        let (_, seen) = sh(&second, &format!("perl connect.pl {}:8080", listener.trim())).await;
        assert!(seen.contains("shut"), "{seen}");
        let (end, output) = sh(&second, "npm view vite@5.4.21 version").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        assert!(first.egress_receipt().await.unwrap().unwrap().allowed.is_empty());
        assert!(!second.egress_receipt().await.unwrap().unwrap().allowed.is_empty());
        first.remove().await.unwrap();
        second.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_proxy_serves_nobody_but_builds() {
        let Some(bench) = bench().await else { return };
        bench.engine.start_egress().await.unwrap();
        let name = format!("shipstack-egress-{}", bench.worker);
        let live = bench.docker.inspect_container(&name, None).await.unwrap();
        let networks = live.network_settings.unwrap().networks.unwrap();
        let uplink = networks.values().next().unwrap().ip_address.clone().unwrap();
        let mut stream = std::net::TcpStream::connect((uplink.as_str(), 3128)).unwrap();
        let _ = stream.write_all(b"CONNECT registry.example:443 HTTP/1.1\r\n\r\n");
        let mut answer = String::new();
        let _ = std::io::Read::read_to_string(&mut stream, &mut answer);
        assert_eq!(answer, "");
        bench.finish().await;
    }
}
