//! What a build may do on the network, attacked from inside: hosts that are not on its list, an install that leaves
//! something running, more bytes than there are to be had.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_docker {
    use super::support::{Bench, bench, command, project, registry_name, request, sh};
    use shipstack_engine::{ExitClass, Sandbox};
    use shipstack_types::{
        BuildLimits, BuildProfile, EgressHost, EgressOptions, EgressRefusal, NetworkAccess,
    };
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    /// Opens a tunnel through the proxy, says how that went, and then waits for its end and says so.
    const TUNNEL: &str = r#"
use IO::Socket::INET;
$| = 1;
$ENV{HTTPS_PROXY} =~ m{//(.*)} or die "no proxy";
my $socket = IO::Socket::INET->new(PeerAddr => $1) or die "no way to the proxy";
print $socket "CONNECT $ARGV[0] HTTP/1.1\r\n\r\n";
my $answer = <$socket>;
print $answer;
while (<$socket>) { print; last if /^\r?$/ }
exit 0 unless $answer =~ / 200 /;
print "open\n";
my $rest = <$socket>;
print "cut\n";
"#;

    async fn open(bench: &Bench, egress: EgressOptions) -> Sandbox {
        let mut request = request(BuildLimits::of(BuildProfile::Standard));
        request.egress = egress;
        let sandbox = bench.engine.open(request).await.unwrap();
        sandbox.fill(project(&[("tunnel.pl", TUNNEL)])).await.unwrap();
        sandbox
    }

    fn registry() -> String {
        let name = registry_name().unwrap();
        let host = name.split(':').next().unwrap();
        format!("{host}:443")
    }

    fn refused_for(sandbox_refused: &[EgressHost], reason: EgressRefusal) -> bool {
        sandbox_refused.iter().any(|host| host.reason == Some(reason))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_host_that_is_not_listed_is_refused_and_told_while_the_build_still_runs() {
        let Some(bench) = bench().await else { return };
        let hosts = Some("listed.example".parse().unwrap());
        let sandbox = open(&bench, EgressOptions { hosts, ..EgressOptions::default() }).await;
        let neighbour = open(&bench, EgressOptions::default()).await;
        let (mut refusals, mut of_neighbour) = (sandbox.refusals(), neighbour.refusals());
        let (sender, mut lines) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        // Nothing but the refusal ends it.
        let command = command(&format!("perl tunnel.pl {}; exec sleep 300", registry()));
        let (end, refused) = tokio::join!(sandbox.run(&command, sender, cancel.clone()), async {
            let refused = refusals.next().await;
            cancel.cancel();
            refused
        });
        assert_eq!(end.unwrap().exit, ExitClass::Cancelled);
        assert_eq!((refused.reason, refused.port), (Some(EgressRefusal::HostNotListed), 443));
        assert!(lines.recv().await.is_none_or(|line| line.text.contains(" 403 ")));
        let (_, answer) = sh(&neighbour, "perl tunnel.pl nowhere.invalid:25").await;
        assert!(answer.contains("port_not_allowed"), "{answer}");
        assert_eq!(
            of_neighbour.next().await.host,
            "nowhere.invalid",
            "a build hears of its own refusals alone"
        );
        sandbox.remove().await.unwrap();
        neighbour.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_network_for_the_install_is_shut_after_it_also_for_what_the_install_left_running() {
        let Some(bench) = bench().await else { return };
        let network = Some(NetworkAccess::InstallOnly);
        let sandbox = open(&bench, EgressOptions { network, ..EgressOptions::default() }).await;
        let left_running = format!(
            "(setsid perl tunnel.pl {} >left 2>&1 &); until grep -q open left; do sleep 0.05; done; \
             npm view vite@5.4.21 version",
            registry()
        );
        let (end, output) = sh(&sandbox, &left_running).await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        sandbox.end_install().await.unwrap();
        let (end, output) = sh(&sandbox, "until grep -q cut left; do sleep 0.05; done").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        let (_, answer) = sh(&sandbox, &format!("perl tunnel.pl {}", registry())).await;
        assert!(answer.contains(" 403 ") && answer.contains("network_shut"), "{answer}");
        let receipt = sandbox.egress_receipt().await.unwrap().unwrap();
        assert_eq!(receipt.network, network);
        assert!(refused_for(&receipt.refused, EgressRefusal::NetworkShut), "{receipt:?}");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_download_past_its_cap_fails_and_the_receipt_says_why() {
        let Some(bench) = bench().await else { return };
        let cap = 200_000;
        let asked = EgressOptions { max_received_bytes: Some(cap), ..EgressOptions::default() };
        let sandbox = open(&bench, asked).await;
        let (end, output) = sh(&sandbox, "npm pack --fetch-retries=0 typescript@5.4.5").await;
        assert!(matches!(end.exit, ExitClass::Exit(_)), "{:?}: {output}", end.exit);
        let receipt = sandbox.egress_receipt().await.unwrap().unwrap();
        assert!(refused_for(&receipt.refused, EgressRefusal::ReceivedCap), "{receipt:?}");
        assert!((1..=cap).contains(&receipt.totals().1), "{receipt:?}");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_build_without_network_stands_beside_one_that_has_it() {
        let Some(bench) = bench().await else { return };
        let network = Some(NetworkAccess::None);
        let without = open(&bench, EgressOptions { network, ..EgressOptions::default() }).await;
        let with = open(&bench, EgressOptions::default()).await;
        let look = "ls /sys/class/net; echo \"proxy:$HTTPS_PROXY tries:$npm_config_fetch_retries\"";
        let (_, seen) = sh(&without, look).await;
        assert_eq!(seen, "lo\nproxy: tries:0");
        without.end_install().await.unwrap();
        let receipt = without.egress_receipt().await.unwrap().unwrap();
        assert_eq!((receipt.network, receipt.allowed.len()), (network, 0));
        let (end, output) = sh(&with, "npm view vite@5.4.21 version").await;
        assert_eq!(end.exit, ExitClass::Ok, "{output}");
        without.remove().await.unwrap();
        with.remove().await.unwrap();
        bench.finish().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_build_that_asks_for_more_than_the_operator_allows_gets_what_the_operator_allows() {
        let Some(bench) = super::support::bench_with(|config| {
            config.egress.network = NetworkAccess::InstallOnly;
            config.egress.max_sent_bytes = 10;
        })
        .await
        else {
            return;
        };
        let asked = EgressOptions {
            network: Some(NetworkAccess::Open),
            max_sent_bytes: Some(1 << 30),
            ..EgressOptions::default()
        };
        let sandbox = open(&bench, asked).await;
        let bounds = sandbox.egress_bounds().unwrap();
        assert_eq!((bounds.network, bounds.max_sent_bytes), (NetworkAccess::InstallOnly, 10));
        let (end, output) = sh(&sandbox, "npm view --fetch-retries=0 vite@5.4.21 version").await;
        assert_ne!(end.exit, ExitClass::Ok, "{output}");
        let receipt = sandbox.egress_receipt().await.unwrap().unwrap();
        assert!(refused_for(&receipt.refused, EgressRefusal::SentCap), "{receipt:?}");
        sandbox.remove().await.unwrap();
        bench.finish().await;
    }
}
