//! What one visitor may hold: so many connections, and none of them by taking next to nothing (hostile.md row 230).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use shipstack_http::MinimumRate;
use shipstack_storage::{Store, StoreConfig};
use shipstack_testkit::wait_until;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use support::{TestHost, id, parse, publish, raw};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const ASK: &[u8] = b"GET /film.mp4 HTTP/1.1\r\nHost: abc.localhost\r\n\r\n";
/// Less than the kernel's buffers for a connection on this machine would take: it has to be kept from that to tell a reader
/// who takes from one who does not.
const FILM: usize = 512 * 1024;

/// So much that a loaded machine cannot make a reader who takes a byte now and then look quick, in little time.
const IMPATIENT: MinimumRate = MinimumRate { bytes: 256 * 1024, within: Duration::from_millis(500) };

async fn host(settings: &[(&str, &str)], readers: MinimumRate) -> TestHost {
    let store = Store::connect(&StoreConfig::Memory).await.unwrap();
    let host = TestHost::demanding(readers, store, settings);
    publish(&host.store, &id("abc"), &[("index.html", b"home"), ("film.mp4", &vec![7; FILM])]).await;
    host
}

/// How many connections this process has closed on visitors for this reason.
async fn dropped(host: &TestHost, why: &str) -> u64 {
    let answer =
        raw(host.health, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let text = String::from_utf8(answer).unwrap();
    let name = format!("shipstack_sites_dropped_connections_total{{why=\"{why}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
}

/// With room for little that is on its way.
async fn narrow(addr: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(addr).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_takes_a_byte_now_and_then_is_cut_off() {
    let host = host(&[], IMPATIENT).await;
    let mut slow = narrow(host.addr).await;
    slow.write_all(ASK).await.unwrap();
    let taken = AtomicUsize::new(0);
    let cut_off = async || {
        taken.fetch_add(slow.try_read(&mut [0]).unwrap_or(0), Relaxed);
        dropped(&host, "slow").await > 0
    };
    wait_until("the slow reader is cut off", cut_off).await;
    let mut rest = Vec::new();
    // What was on its way may still come; the end of the film does not.
    let _ = slow.read_to_end(&mut rest).await;
    let taken = taken.into_inner();
    assert!(taken > 0 && taken + rest.len() < FILM, "{taken} and {}", rest.len());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_keeps_up_gets_everything_over_a_connection_as_narrow() {
    let host = host(&[], MinimumRate::OF_A_VISITOR).await;
    let mut stream = narrow(host.addr).await;
    let close = String::from_utf8_lossy(ASK).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    stream.write_all(close.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(parse(&answer).body.len(), FILM);
    host.stop().await;
}

/// Whether a connection is answered, and it itself: it is kept alive.
async fn answered(host: &TestHost) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(host.addr).await.unwrap();
    // The other side may have closed already.
    let _ = stream.write_all(b"HEAD / HTTP/1.1\r\nHost: abc.localhost\r\n\r\n").await;
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.ok().map(|_| assert_eq!(&begin, b"HTTP/1.1 200"))?;
    Some(stream)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_all_its_connections_gets_no_other_one_until_it_closes_one() {
    let host = host(&[("SHIPSTACK_CONNECTION_LIMIT", "3")], MinimumRate::OF_A_VISITOR).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(answered(&host).await.expect("it has a place"));
    }
    let before = dropped(&host, "crowd").await;
    for _ in 0..5 {
        assert!(answered(&host).await.is_none());
    }
    assert!(dropped(&host, "crowd").await >= before + 5, "each is counted");
    for connection in &mut held {
        connection.write_all(b"HEAD / HTTP/1.1\r\nHost: abc.localhost\r\n\r\n").await.unwrap();
    }
    drop(held.pop());
    let again = async || answered(&host).await.is_some();
    wait_until("a place that was given back is taken", again).await;
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_and_trusted_proxies_are_not_counted() {
    for settings in
        [&[][..], &[("SHIPSTACK_CONNECTION_LIMIT", "3"), ("SHIPSTACK_TRUSTED_PROXIES", "127.0.0.1")]]
    {
        let host = host(settings, MinimumRate::OF_A_VISITOR).await;
        let mut held = Vec::new();
        for _ in 0..300 {
            held.push(answered(&host).await.expect("it has a place"));
        }
        drop(held);
        host.stop().await;
    }
}
