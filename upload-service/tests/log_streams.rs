//! Logs as they are read: by many, in every form, cut anywhere, while the job changes hands and after it ended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use reqwest::Method;
use shipstack_testkit::{wait_until, wait_until_within};
use shipstack_types::QueueName;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};
use support::Api;
use support::build::Build;
use support::reader::{Following, Read, Way, seq};
use support::socket::Socket;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end).unwrap()
    }
}

const LINES: u64 = 100_000;
const CUTS: usize = 200;
/// Between two cuts. Three readers of some 20 MB each are cut more than two hundred times.
const MOST_BYTES: u64 = 500_000;
const PATIENCE: Duration = Duration::from_mins(4);

/// Reads to the end in one way, cut off again and again; says how far it is, and how often it was cut.
async fn read_to_the_end(api: &Api, path: &str, way: Way, seed: u64, at: &AtomicU64) -> (Read, usize) {
    let (mut read, mut dice, mut cuts) = (Read::default(), Dice(seed), 0);
    while read.ended.is_none() {
        read.go_on(api, path, way, 1 + dice.below(MOST_BYTES)).await;
        at.store(read.last(), SeqCst);
        cuts += 1;
    }
    (read, cuts)
}

/// The build: one worker writes the first part and is gone, another takes over and ends it. Each part waits for the
/// readers, so that they are cut in all of them.
async fn write_in_parts(api: &Api, mut build: Build, readers: &[AtomicU64]) -> Build {
    build.write_to(LINES / 2).await;
    readers_reach(readers, LINES / 4, Some(&build)).await;
    // From here on it says nothing any more: its lease ends, and the next one takes the job.
    let waits = async || api.records.state.queue_length(QueueName::Build).await.unwrap() > 0;
    wait_until("the job to be free", waits).await;
    let mut heir = Build::take(&api.records, 2).await.unwrap();
    assert_eq!((heir.id(), heir.claim.next_log_seq), (build.id(), LINES / 2 + 1));
    heir.write_to(LINES * 3 / 4).await;
    readers_reach(readers, LINES * 5 / 8, Some(&heir)).await;
    heir.write_to(LINES).await;
    heir.end().await;
    heir
}

async fn readers_reach(readers: &[AtomicU64], line: u64, alive: Option<&Build>) {
    wait_until_within(PATIENCE, "the readers to come along", async || {
        if let Some(build) = alive {
            build.beat().await;
        }
        readers.iter().all(|at| at.load(SeqCst) >= line)
    })
    .await;
}

async fn every_reader_has_the_archive(api: &Api) {
    let build = Build::begin(&api.records).await;
    let (id, path) = (build.id().clone(), build.path());
    let at = [const { AtomicU64::new(0) }; 3];
    // Those who read along are cut two hundred times together, and so are those who read the archive.
    let along = Way::ALL.iter().zip(&at).zip(1..);
    let along = along.map(|((way, at), seed)| read_to_the_end(api, &path, *way, seed, at));
    let (heir, reads) = tokio::join!(write_in_parts(api, build, &at), futures_util::future::join_all(along));
    let archive = heir.archive().await;
    assert_eq!(archive.len() as u64, LINES);
    for ((read, _), way) in reads.iter().zip(Way::ALL) {
        assert_same(&read.lines, &archive, way);
    }
    assert_eq!(reads[0].0.ended.as_deref(), Some(r#"{"status":"failed"}"#));
    assert_eq!(reads[2].0.ended.as_deref(), Some(r#"{"status":"failed"}"#));
    assert!(reads.iter().map(|(_, cuts)| cuts).sum::<usize>() >= CUTS);
    let mut cuts = 0;
    for way in Way::ALL {
        let (read, own) = read_to_the_end(api, &path, way, 99, &AtomicU64::new(0)).await;
        assert_same(&read.lines, &archive, way);
        cuts += own;
    }
    assert!(cuts >= CUTS, "{cuts}");
    assert_eq!(api.status(id.as_str()).await, "failed");
}

/// Equal byte for byte; a difference is told by its place and not by a hundred thousand lines.
fn assert_same(read: &[String], archive: &[String], way: Way) {
    let different = read.iter().zip(archive).position(|(read, archived)| read != archived);
    let shown = different.map(|at| (&read[at], &archive[at]));
    assert!(different.is_none(), "{way:?}: {shown:?}");
    assert_eq!(read.len(), archive.len(), "{way:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_lines_reach_readers_that_are_cut_anywhere_once_and_in_order() {
    let api = Api::start(&[("SHIPSTACK_LEASE", "1s")]).await;
    every_reader_has_the_archive(&api).await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_begin_with_how_to_come_back_and_end_with_the_status() {
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(3).await;
    build.end().await;
    let ask = async |query: &str, last: Option<&str>| {
        let request = api.request(Method::GET, &(build.path() + query)).header("accept", "text/event-stream");
        let request = last.into_iter().fold(request, |request, last| request.header("last-event-id", last));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        answer.text().await.unwrap()
    };
    let archive = build.archive().await;
    let events: Vec<String> =
        (1..).zip(&archive).map(|(id, line)| format!("id: {id}\nevent: line\ndata: {line}\n\n")).collect();
    let end = "event: end\ndata: {\"status\":\"failed\"}\n\n";
    let hello = "retry: 2000\n\n";
    assert_eq!(ask("", None).await, format!("{hello}{}{end}", events.concat()));
    assert_eq!(ask("?from=2&follow=false", None).await, format!("{hello}{}{end}", events[1..].concat()));
    // What a browser says when it comes back outweighs the address it came by.
    assert_eq!(ask("?from=1", Some("2")).await, format!("{hello}{}{end}", events[2..].concat()));
    assert_eq!(ask("?from=2", Some("")).await, format!("{hello}{}{end}", events[1..].concat()));
    for last in ["3", "999", "18446744073709551615"] {
        assert_eq!(ask("", Some(last)).await, format!("{hello}{end}"));
    }
    for (query, last) in
        [("", "x"), ("", "-1"), ("", "1-2"), ("?from=x", ""), ("?follow=maybe", ""), ("?a=b", "")]
    {
        let request = api.request(Method::GET, &(build.path() + query)).header("last-event-id", last);
        support::Answer::of(request.send().await.unwrap()).await.assert_problem(400, "invalid_option");
    }
}

/// A state that is lost between the archive and the result leaves an archive of a log that goes on.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_shorter_than_the_log_cuts_nobody_off() {
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(5).await;
    let mut before = Following::open(&api, &build.path(), None).await;
    assert!(before.until("id: 5\n").await);
    build.archive_to(3).await;
    let mut along = Following::open(&api, &build.path(), None).await;
    assert!(along.until("id: 5\n").await);
    let as_it_is = async |accept: &str, from: u64| {
        let path = format!("{}?follow=false&from={from}", build.path());
        let answer = api.request(Method::GET, &path).header("accept", accept).send().await.unwrap();
        support::Answer::of(answer).await.text
    };
    let number = |line: &str| line.split(' ').next().unwrap().parse::<u64>().unwrap();
    for from in 1..=6 {
        let all: Vec<u64> = (from..=5).collect();
        let text = as_it_is("text/plain", from).await;
        assert_eq!(text.lines().map(number).collect::<Vec<_>>(), all, "from {from}");
        let json = as_it_is("application/x-ndjson", from).await;
        assert_eq!(json.lines().map(seq).collect::<Vec<_>>(), all, "from {from}");
    }
    build.write_to(7).await;
    build.end().await;
    for reader in [&mut before, &mut along] {
        assert!(reader.until("event: end\n").await);
        let ids: Vec<String> = reader.events("line").into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "7"]);
    }
    assert_eq!(build.archive().await.len(), 7);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_settles_second_finds_no_log_and_leaves_the_archive_of_the_first() {
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(5).await;
    build.decide().await;
    // The first one is as far as this when it dies.
    build.archive_to(5).await;
    api.records.state.drop_log(build.id()).await.unwrap();
    api.records.settle(build.id()).await.unwrap();
    assert_eq!(build.archive().await.len(), 5);
    assert_eq!(api.get(&build.path()).await.text.lines().count(), 5);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_has_every_line_the_end_and_answers_pings() {
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(3).await;
    let mut socket = Socket::open(api.address, &build.path(), &[]).await.unwrap();
    for seq in 1..=3 {
        assert!(socket.text().await.unwrap().contains(&format!("\"seq\":{seq},")));
    }
    socket.send(9, b"are you there").await;
    socket.send(1, b"what a client says is passed over").await;
    build.write_to(4).await;
    assert!(socket.text().await.unwrap().contains("\"seq\":4,"));
    build.end().await;
    assert_eq!(socket.text().await.unwrap(), r#"{"data":{"status":"failed"},"event":"end"}"#);
    assert_eq!(socket.text().await, None);
    assert_eq!(socket.closed, Some(1000));
    let mut resumed = Socket::open(api.address, &(build.path() + "?from=4"), &[]).await.unwrap();
    assert!(resumed.text().await.unwrap().contains("\"seq\":4,"));
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_for_our_own_pages_and_for_programs() {
    let api = Api::start(&[("SHIPSTACK_TOKEN", "s3cret")]).await;
    let build = Build::begin(&api.records).await;
    let own = format!("http://{}", api.address);
    let open = async |headers: &[(&str, &str)]| Socket::open(api.address, &build.path(), headers).await;
    let token = ("Authorization", "Bearer s3cret");
    assert!(open(&[token]).await.is_ok());
    assert!(open(&[token, ("Origin", &own)]).await.is_ok());
    assert!(open(&[token, ("Origin", "http://localhost:3000")]).await.is_ok());
    for origin in ["http://abc.localhost:3001", "http://evil.example", "null"] {
        let refused = open(&[token, ("Origin", origin)]).await.err().unwrap();
        assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    }
    assert!(open(&[token, ("Sec-Fetch-Site", "same-site")]).await.is_err());
    assert!(open(&[("Origin", &own)]).await.err().unwrap().starts_with("HTTP/1.1 401"));
    let broken = format!(
        "GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer s3cret\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n",
        build.path()
    );
    let refused = api.raw(broken.as_bytes()).await;
    assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("invalid_option"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_never_reads_holds_up_nobody_and_nothing_piles_up() {
    use tokio::io::AsyncWriteExt;
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    let mut absent = Vec::new();
    for accept in ["text/event-stream", "application/x-ndjson", "text/plain"] {
        let mut stream = tokio::net::TcpStream::connect(api.address).await.unwrap();
        let head =
            format!("GET {}?follow=1 HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n", build.path());
        stream.write_all(head.as_bytes()).await.unwrap();
        absent.push(stream);
    }
    let socket = Socket::open(api.address, &build.path(), &[]).await.unwrap();
    let text = "x".repeat(60_000);
    let began = Instant::now();
    for _ in 0..500 {
        build.write(&text).await;
    }
    let took = began.elapsed();
    let mut read = Read::default();
    let path = build.path();
    tokio::join!(read.go_on(&api, &path, Way::Events, usize::MAX), build.end());
    assert_eq!(read.last(), 500);
    assert!(took < Duration::from_secs(20), "{took:?} for 30 MB with four readers that take nothing");
    drop((absent, socket));
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stream_too_many_is_503_and_a_place_is_free_again_when_its_reader_leaves() {
    let api = Api::start(&[("SHIPSTACK_MAX_STREAMS", "3")]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(1).await;
    let path = build.path() + "?follow=true";
    let log = api.request(Method::GET, &path).send().await.unwrap();
    let events = api.request(Method::GET, "/v1/events").send().await.unwrap();
    let socket = Socket::open(api.address, &build.path(), &[]).await.unwrap();
    for path in [path.as_str(), "/v1/events", &build.path()] {
        let answer = api.get(path).await;
        answer.assert_problem(503, "overloaded");
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
    }
    drop((log, socket));
    let room = async || api.get(&build.path()).await.status == 200;
    wait_until("a place is free", room).await;
    drop(events);
    build.end().await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_stream_says_every_fifteen_seconds_that_it_is_there() {
    let api = Api::start(&[]).await;
    let build = Build::begin(&api.records).await;
    let hear = async |path: &str| {
        let began = Instant::now();
        let request = api.request(Method::GET, path).header("accept", "text/event-stream");
        let (mut answer, mut heard) = (request.send().await.unwrap(), String::new());
        while !heard.contains(":\n\n") {
            heard += std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap();
        }
        assert!((10..30).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        heard
    };
    let ping = async {
        let mut socket = Socket::open(api.address, &build.path(), &[]).await.unwrap();
        let _nothing = tokio::time::timeout(Duration::from_secs(20), socket.text()).await;
        socket.pings
    };
    let path = build.path();
    let (log, events, pings) = tokio::join!(hear(&path), hear("/v1/events"), ping);
    assert_eq!(log, "retry: 2000\n\n:\n\n");
    assert!(events.contains("event: reset\n") && events.contains("\n:\n\nid: "), "{events}");
    assert_eq!(pings, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_every_stream_and_the_reader_resumes_elsewhere() {
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(2).await;
    let mut socket = Socket::open(api.address, &build.path(), &[]).await.unwrap();
    let mut log = Following::open(&api, &build.path(), None).await;
    let mut events = Following::open(&api, "/v1/events", None).await;
    assert!(socket.text().await.is_some() && log.until("id: 2\n").await && events.until("reset").await);
    let path = format!("{}?follow=true", build.path());
    let mut text = api.request(Method::GET, &path).send().await.unwrap();
    assert!(text.chunk().await.unwrap().is_some());
    let began = Instant::now();
    api.ask_to_stop();
    assert!(text.bytes().await.is_err(), "a text that ends looks like the end of the log");
    while socket.text().await.is_some() {}
    assert!(!log.until("event: end\n").await && !events.until("event: end\n").await);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(socket.closed, Some(1001));
}

mod real_redis {
    use super::*;
    use shipstack_testkit::{RedisOptions, RedisServer};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hundred_thousand_lines_reach_readers_that_are_cut_anywhere_once_and_in_order() {
        let Some(redis) = RedisServer::start() else { return };
        let api = Api::start(&[("REDIS_URL", &redis.url()), ("SHIPSTACK_LEASE", "1s")]).await;
        every_reader_has_the_archive(&api).await;
        api.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_archived_log_is_read_while_redis_is_away_and_a_live_one_goes_on_afterwards() {
        let Some(redis) = RedisServer::start_with(&RedisOptions::durable()) else { return };
        let api = Api::start(&[("REDIS_URL", &redis.url()), ("SHIPSTACK_LEASE", "5m")]).await;
        let mut ended = Build::begin(&api.records).await;
        ended.write_to(5).await;
        ended.end().await;
        let mut live = Build::begin(&api.records).await;
        live.write_to(5).await;
        let mut following = Following::open(&api, &live.path(), None).await;
        assert!(following.until("id: 5\n").await);
        redis.kill();
        let began = Instant::now();
        let archived = api.get(&ended.path()).await;
        assert_eq!((archived.status, archived.text.lines().count()), (200, 5), "{}", archived.text);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        api.get("/v1/deployments/k3v9x2m7q4tzb8wd/logs").await.assert_problem(503, "redis_unavailable");
        redis.restart().unwrap();
        live.write_to(9).await;
        live.end().await;
        assert!(following.until("event: end\n").await);
        let ids: Vec<String> = following.events("line").into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }
}
