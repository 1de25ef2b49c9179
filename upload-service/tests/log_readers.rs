//! What happens to a log under its reader: it is dropped, cut, deleted, or Redis goes away with it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use reqwest::Method;
use shipstack_records::{LogPiece, LogReader, RecordsError};
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::DeploymentState::Failed;
use support::Api;
use support::build::Build;
use support::reader::Following;

/// Reads on until something else than lines comes.
async fn read_on(reader: &mut LogReader, numbers: &mut Vec<u64>) -> Result<LogPiece, RecordsError> {
    loop {
        match reader.next().await? {
            LogPiece::Lines(lines) => numbers.extend(lines.iter().map(|line| line.seq)),
            other => return Ok(other),
        }
    }
}

async fn reader(api: &Api, build: &Build) -> LogReader {
    api.records.read_log(build.id(), 1).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_the_live_log_has_no_more_are_read_from_the_archive() {
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(3).await;
    let (mut reader, mut numbers) = (reader(&api, &build).await, Vec::new());
    build.archive_to(3).await;
    api.records.state.drop_log(build.id()).await.unwrap();
    build.write_to(5).await;
    assert_eq!(read_on(&mut reader, &mut numbers).await.unwrap(), LogPiece::Waiting);
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_cut_is_an_error_and_its_reader_goes_on_where_it_stopped() {
    const LINES: u64 = 5000;
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(LINES).await;
    build.end().await;
    let key = ObjectKey::Log(build.id().clone());
    let whole = api.records.store.read(&key, 1 << 30).await.unwrap().unwrap();
    let put = async |bytes: &[u8]| {
        api.records.store.put(&key, PutBody::from(bytes.to_vec()), None).await.unwrap();
    };
    put(&whole[..whole.len() / 2]).await;
    let (mut reader, mut numbers) = (reader(&api, &build).await, Vec::new());
    assert!(read_on(&mut reader, &mut numbers).await.is_err());
    let half = numbers.len() as u64;
    assert!(0 < half && half < LINES, "{half}");
    let answer = api.request(Method::GET, &build.path()).send().await.unwrap();
    assert!(answer.text().await.is_err(), "an answer is never silently short");
    put(&whole).await;
    assert_eq!(read_on(&mut reader, &mut numbers).await.unwrap(), LogPiece::Ended(Failed));
    assert_eq!(numbers, (1..=LINES).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_deleted_under_its_readers_ends_without_a_status() {
    let api = Api::start(&[]).await;
    let mut build = Build::begin(&api.records).await;
    build.write_to(5).await;
    let (mut live, mut numbers) = (reader(&api, &build).await, Vec::new());
    let text = "x".repeat(60_000);
    for _ in 0..400 {
        build.write(&text).await;
    }
    build.end().await;
    let mut archived = reader(&api, &build).await;
    // What is sent and not read yet does not fit on the way.
    let mut following = Following::open(&api, &build.path(), None).await;
    assert!(following.until("id: 1\n").await);
    assert!(api.records.delete(build.id()).await.unwrap());
    assert_eq!(read_on(&mut live, &mut numbers).await.unwrap(), LogPiece::Deleted);
    assert_eq!(numbers, [] as [u64; 0]);
    assert_eq!(read_on(&mut archived, &mut numbers).await.unwrap(), LogPiece::Deleted);
    assert_eq!(numbers.len(), 405);
    assert!(!following.until("event: end\n").await);
    assert!(api.records.read_log(build.id(), 1).await.unwrap().is_none());
    api.stop().await;
}

mod real_redis {
    use super::*;
    use shipstack_testkit::RedisServer;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_log_that_ends_as_redis_goes_away_is_read_to_its_end() {
        let Some(redis) = RedisServer::start() else { return };
        let api = Api::start(&[("REDIS_URL", &redis.url())]).await;
        let mut build = Build::begin(&api.records).await;
        build.write_to(3).await;
        let (mut reader, mut numbers) = (reader(&api, &build).await, Vec::new());
        assert_eq!(read_on(&mut reader, &mut numbers).await.unwrap(), LogPiece::Waiting);
        build.write_to(5).await;
        build.end().await;
        redis.kill();
        assert_eq!(read_on(&mut reader, &mut numbers).await.unwrap(), LogPiece::Ended(Failed));
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }
}
