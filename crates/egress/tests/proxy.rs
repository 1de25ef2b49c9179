//! The proxy over real sockets on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use shipstack_egress::wire::{Account, Answer, HostTraffic, Refused, Terms};
use shipstack_egress::{Ledger, Policy, Proxy, Resolve, SystemResolver, Timing};
use shipstack_types::EgressRefusal;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Answers from a list, one answer per question, the last one for ever.
struct Scripted {
    answers: Vec<Vec<IpAddr>>,
    asked: Arc<AtomicUsize>,
}

impl Scripted {
    fn new(answers: &[&str]) -> Self {
        let parse = |answer: &&str| answer.split_whitespace().map(|text| text.parse().unwrap()).collect();
        Self { answers: answers.iter().map(parse).collect(), asked: Arc::default() }
    }
}

impl Resolve for Scripted {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.answers[asked.min(self.answers.len() - 1)].clone())
    }
}

struct Running {
    address: SocketAddr,
    ledger: Arc<Ledger>,
    told: std::sync::mpsc::Receiver<Answer>,
}

impl Running {
    /// What was told since this was last asked.
    fn refusals(&self) -> Vec<(String, u16, EgressRefusal)> {
        let refusal = |answer| match answer {
            Answer::Refused { refused: Refused { host, port, reason, .. }, .. } => (host, port, reason),
            other => panic!("{other:?}"),
        };
        self.told.try_iter().map(refusal).collect()
    }
}

fn quick() -> Timing {
    let short = Duration::from_millis(300);
    Timing { head: short, resolve: short, connect: short, idle: short }
}

async fn start<R: Resolve>(resolver: R, allow_private: &str) -> Running {
    start_with(resolver, allow_private, Terms::default()).await
}

async fn start_with<R: Resolve>(resolver: R, allow_private: &str, terms: Terms) -> Running {
    let (tell, told) = std::sync::mpsc::sync_channel(64);
    let ledger = Arc::new(Ledger::telling(tell));
    ledger.open(LOOPBACK, terms);
    let policy = Policy { allow_private: allow_private.parse().unwrap(), ..Policy::default() };
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = Proxy::new(policy, resolver, Arc::clone(&ledger), quick());
    tokio::spawn(Arc::new(proxy).serve(listener));
    Running { address, ledger, told }
}

/// Sends bytes, ends its side, reads everything.
async fn say(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn connect_to(proxy: &Running, target: &str) -> String {
    say(proxy.address, format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes()).await
}

/// A proxy and a tunnel through it to a port of `echo.example`, which is open.
async fn open_tunnel() -> (Running, u16, TcpStream) {
    let port = echo_server().await.port();
    let proxy = start(Scripted::new(&["127.0.0.1"]), &format!("echo.example:{port}")).await;
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    stream.write_all(format!("CONNECT echo.example:{port} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 39]).await.unwrap();
    (proxy, port, stream)
}

/// A server that reads all there is and answers what it got.
async fn echo_server() -> SocketAddr {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut got = Vec::new();
                stream.read_to_end(&mut got).await.unwrap();
                stream.write_all(&got).await.unwrap();
            });
        }
    });
    address
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways_and_the_account_has_them() {
    let port = echo_server().await.port();
    let proxy = start(Scripted::new(&["127.0.0.1"]), &format!("echo.example:{port}")).await;
    let request = format!("CONNECT Echo.example:{port} HTTP/1.1\r\n\r\nhello");
    let answer = say(proxy.address, request.as_bytes()).await;
    assert_eq!(answer, "HTTP/1.1 200 Connection Established\r\n\r\nhello");
    let traffic =
        HostTraffic { host: "echo.example".into(), port, connections: 1, bytes_up: 5, bytes_down: 5 };
    let account = proxy.ledger.close(LOOPBACK);
    assert_eq!(account, Account { hosts: vec![traffic], ..Account::default() });
}

#[tokio::test]
async fn a_plain_request_reaches_the_server_in_origin_form() {
    let port = echo_server().await.port();
    let proxy = start(Scripted::new(&["127.0.0.1"]), &format!("echo.example:{port}")).await;
    let request =
        format!("POST http://echo.example:{port}/a?b HTTP/1.1\r\nHost: other\r\nContent-Length: 2\r\n\r\nhi");
    let answer = say(proxy.address, request.as_bytes()).await;
    let seen = format!(
        "POST /a?b HTTP/1.1\r\nHost: echo.example:{port}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
    );
    assert_eq!(answer, seen);
}

#[tokio::test]
async fn every_spelling_of_a_local_address_is_refused() {
    let proxy = start(SystemResolver, "").await;
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "[fe80::1]",
        "[fd00::1]",
        "10.0.0.1",
        "192.168.0.1",
        "172.17.0.1",
        "100.64.0.1",
    ] {
        let answer = connect_to(&proxy, &format!("{host}:443")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
        assert!(answer.contains("address_not_allowed"), "{host}: {answer}");
    }
    let account = proxy.ledger.read(LOOPBACK);
    assert!(account.hosts.is_empty(), "{account:?}");
    assert!(account.refused.iter().any(|refused| refused.host == "169.254.169.254"), "{account:?}");
}

#[tokio::test]
async fn a_name_that_rebinds_is_asked_once_and_what_was_checked_is_what_is_connected() {
    let resolver = Scripted::new(&["127.0.0.1", "1.1.1.1"]);
    let asked = Arc::clone(&resolver.asked);
    let proxy = start(resolver, "").await;
    let answer = connect_to(&proxy, "rebind.example:443").await;
    assert!(answer.contains("address_not_allowed"), "the first answer is the one that counts: {answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_without_an_answer_is_asked_once_more_and_the_second_answer_is_checked_too() {
    for (answers, tries, words) in [(&["", "127.0.0.1"][..], 2, "address_not_allowed"), (&[""], 2, "502")] {
        let resolver = Scripted::new(answers);
        let asked = Arc::clone(&resolver.asked);
        let proxy = start(resolver, "").await;
        let answer = connect_to(&proxy, "lost.example:443").await;
        assert!(answer.contains(words), "{answer}");
        assert_eq!(asked.load(Ordering::SeqCst), tries);
    }
}

#[tokio::test]
async fn a_public_address_beside_a_local_one_does_not_help() {
    let proxy = start(Scripted::new(&["1.1.1.1 127.0.0.1"]), "").await;
    let answer = connect_to(&proxy, "mixed.example:443").await;
    assert!(answer.contains("address_not_allowed"), "{answer}");
}

#[tokio::test]
async fn ports_that_are_not_of_the_web_are_refused_before_anything_is_resolved() {
    let resolver = Scripted::new(&["1.1.1.1"]);
    let asked = Arc::clone(&resolver.asked);
    let proxy = start(resolver, "").await;
    for port in [22, 25, 53, 2375, 6379, 8080] {
        let answer = connect_to(&proxy, &format!("a.example:{port}")).await;
        assert!(answer.contains("port_not_allowed"), "{port}: {answer}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_address_that_was_not_opened_gets_no_answer() {
    let proxy = start(Scripted::new(&["1.1.1.1"]), "").await;
    proxy.ledger.close(LOOPBACK);
    assert_eq!(connect_to(&proxy, "a.example:443").await, "");
}

#[tokio::test]
async fn closing_an_account_cuts_its_connections() {
    let (proxy, _, mut stream) = open_tunnel().await;
    proxy.ledger.close(LOOPBACK);
    assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_slow_head_and_a_silent_tunnel_end_by_themselves() {
    let port = echo_server().await.port();
    let proxy = start(Scripted::new(&["127.0.0.1"]), &format!("echo.example:{port}")).await;
    for (sent, expected) in [
        ("CONNECT ech".to_owned(), "HTTP/1.1 408 "),
        (format!("CONNECT echo.example:{port} HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 "),
    ] {
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await;
        assert!(read.is_ok(), "it must end: {sent}");
        assert!(answer.starts_with(expected), "{answer}");
    }
}

#[tokio::test]
async fn garbage_and_giants_get_an_error_and_nothing_else() {
    let proxy = start(Scripted::new(&["1.1.1.1"]), "").await;
    let giant = format!("GET http://a.example/ HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(64 * 1024));
    for (sent, status) in [
        ("\x16\x03\x01\x02\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "400"),
        ("CONNECT a.example:443 HTTP/1.1\r\nA: b\nC: d\r\n\r\n".to_owned(), "400"),
        (giant, "431"),
    ] {
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        let _ = stream.write_all(sent.as_bytes()).await;
        let mut answer = vec![0; 12];
        if stream.read_exact(&mut answer).await.is_ok() {
            assert_eq!(String::from_utf8(answer).unwrap(), format!("HTTP/1.1 {status}"));
        }
    }
    assert_eq!(proxy.ledger.read(LOOPBACK), Account::default());
}

/// A server that sends this many bytes to whoever connects, and never ends.
async fn fountain(bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.write_all(&vec![b'x'; bytes]).await;
                let _ = stream.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    address
}

fn only(hosts: &str) -> Terms {
    Terms { only: Some(hosts.parse().unwrap()), ..Terms::default() }
}

#[tokio::test]
async fn a_host_that_the_build_did_not_list_is_refused_before_it_is_resolved_and_told_at_once() {
    let port = echo_server().await.port();
    let resolver = Scripted::new(&["127.0.0.1"]);
    let asked = Arc::clone(&resolver.asked);
    let exempt = format!("listed.example:{port},other.example:{port}");
    let proxy = start_with(resolver, &exempt, only("listed.example")).await;
    let answer = connect_to(&proxy, &format!("other.example:{port}")).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("host_not_listed"), "{answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 0, "a name carries data too");
    assert_eq!(proxy.refusals(), [("other.example".to_owned(), port, EgressRefusal::HostNotListed)]);
    let answer = connect_to(&proxy, &format!("LISTED.example.:{port}")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn a_builds_own_list_opens_neither_ports_nor_private_addresses() {
    let proxy = start_with(Scripted::new(&["127.0.0.1"]), "", only("a.example:25,b.example:443")).await;
    let answer = connect_to(&proxy, "a.example:25").await;
    assert!(answer.contains("port_not_allowed"), "{answer}");
    let answer = connect_to(&proxy, "b.example:443").await;
    assert!(answer.contains("address_not_allowed"), "{answer}");
}

#[tokio::test]
async fn a_download_past_its_cap_is_cut_there_and_nothing_more_is_carried() {
    let port = fountain(1 << 20).await.port();
    let terms = Terms { max_received: Some(300_000), ..Terms::default() };
    let proxy = start_with(Scripted::new(&["127.0.0.1"]), &format!("big.example:{port}"), terms).await;
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    stream.write_all(format!("CONNECT big.example:{port} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
    let mut got = Vec::new();
    let _ =
        tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut got)).await.expect("it is cut");
    let established = "HTTP/1.1 200 Connection Established\r\n\r\n".len();
    assert!(got.len() <= 300_000 + established, "{}", got.len());
    let answer = connect_to(&proxy, &format!("big.example:{port}")).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("received_cap"), "{answer}");
    let account = proxy.ledger.read(LOOPBACK);
    assert!(account.hosts[0].bytes_down <= 300_000, "{account:?}");
    assert_eq!(account.refused[0].requests, 2, "{account:?}");
    assert_eq!(proxy.refusals(), [("big.example".to_owned(), port, EgressRefusal::ReceivedCap)]);
}

#[tokio::test]
async fn what_a_build_may_send_is_capped_over_all_its_connections_and_hosts() {
    let port = echo_server().await.port();
    let terms = Terms { max_sent: Some(1000), ..Terms::default() };
    let exempt = format!("a.example:{port},b.example:{port}");
    let proxy = start_with(Scripted::new(&["127.0.0.1"]), &exempt, terms).await;
    let send = async |host: &str, bytes: usize| {
        let body = "x".repeat(bytes);
        say(proxy.address, format!("CONNECT {host}:{port} HTTP/1.1\r\n\r\n{body}").as_bytes()).await
    };
    assert!(send("a.example", 600).await.ends_with("xxx"));
    let answer = send("b.example", 600).await;
    assert!(!answer.contains("xxx"), "{answer}");
    assert!(send("a.example", 1).await.contains("sent_cap"));
    let account = proxy.ledger.read(LOOPBACK);
    assert_eq!(account.hosts.iter().map(|host| host.bytes_up).sum::<u64>(), 600, "{account:?}");
}

#[tokio::test]
async fn shutting_cuts_what_is_open_and_refuses_what_comes_while_the_account_goes_on() {
    let (proxy, port, mut stream) = open_tunnel().await;
    proxy.ledger.shut(LOOPBACK);
    assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0, "a tunnel that was kept open is of no use");
    let answer = connect_to(&proxy, &format!("echo.example:{port}")).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("network_shut"), "{answer}");
    let answer = say(proxy.address, b"GET http://echo.example/ HTTP/1.1\r\n\r\n").await;
    assert!(answer.contains("network_shut"), "{answer}");
    let account = proxy.ledger.close(LOOPBACK);
    assert_eq!((account.hosts.len(), account.refused.len()), (1, 2), "{account:?}");
}
