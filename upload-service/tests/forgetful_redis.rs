//! A Redis that comes back without the end of what it had written, under a running build: what its readers have is the
//! log, every line once, and the archive is the same (promise 18).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_redis {
    use super::support::Api;
    use super::support::reader::{Following, Read, Way};
    use serde_json::Value;
    use shipstack_records::{Handler, Job, JobEnd, Records, RunnerConfig, Take, run_queue};
    use shipstack_service::{CancellationToken, new_worker_id};
    use shipstack_storage::ObjectKey;
    use shipstack_testkit::{RedisOptions, RedisServer};
    use shipstack_types::{DeploymentId, LogStream, QueueName};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::{Mutex, mpsc, watch};

    /// A build that says as many lines as it is told to, and ends without a word when it is told no more.
    struct Told(Mutex<mpsc::UnboundedReceiver<u32>>);

    impl Handler for Told {
        const QUEUE: QueueName = QueueName::Build;

        async fn run(&self, job: Arc<Job>) -> JobEnd {
            let (mut told, mut next) = (self.0.lock().await, 1);
            while let Some(last) = told.recv().await {
                (next..=last).for_each(|line| job.log.write(LogStream::Stdout, format!("line {line}")));
                next = last + 1;
            }
            JobEnd::Finished(Box::default())
        }
    }

    /// A worker for one build.
    async fn work(records: Records, told: mpsc::UnboundedReceiver<u32>) {
        let config = RunnerConfig {
            take: Take::One { patience: Duration::from_mins(1) },
            slots: 1,
            drain: Duration::ZERO,
            log_bytes: 1 << 20,
            soft: CancellationToken::new(),
            hard: CancellationToken::new(),
            ready: watch::channel(true).1,
        };
        run_queue(records, Arc::new(Told(Mutex::new(told))), config).await.unwrap();
    }

    async fn archive(api: &Api, id: &str) -> Vec<Value> {
        let id: DeploymentId = id.parse().unwrap();
        let stored = api.records.store.read(&ObjectKey::Log(id), 1 << 20).await.unwrap().unwrap();
        let text = String::from_utf8(zstd::decode_all(&stored[..]).unwrap()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Twenty lines are said and read, Redis forgets ten of them, and the build goes on up to this line.
    async fn forget_ten_of_twenty_lines_and_go_on_to(last: u32) {
        let Some(redis) = RedisServer::start_with(&RedisOptions::durable()) else { return };
        let api = Api::start(&[("REDIS_URL", &redis.url()), ("SHIPSTACK_LEASE", "1m")]).await;
        let id = api.archive("").await;
        let path = format!("/v1/deployments/{id}/logs");
        let (tell, told) = mpsc::unbounded_channel();
        let worker = tokio::spawn(work(Records { worker: new_worker_id(), ..api.records.clone() }, told));
        let mut along = Following::open(&api, &path, None).await;
        tell.send(10).unwrap();
        assert!(along.until("line 10\"").await);
        let known = redis.appended().unwrap();
        tell.send(20).unwrap();
        assert!(along.until("line 20\"").await);
        redis.forget_after(known).unwrap();
        redis.restart().unwrap();

        let mut resumed = Following::open(&api, &path, Some("15")).await;
        tell.send(last).unwrap();
        drop(tell);
        assert!(along.until("event: end\n").await && resumed.until("event: end\n").await);
        worker.await.unwrap();
        let archive = archive(&api, &id).await;
        let said: Vec<String> = (1..=last).map(|line| format!("line {line}")).collect();
        let texts = archive.iter().filter(|line| line["stream"] == "stdout").map(|line| &line["text"]);
        assert_eq!(texts.collect::<Vec<_>>(), said.iter().collect::<Vec<_>>());
        let read =
            |reader: &Following| reader.events("line").into_iter().map(|(_, line)| line).collect::<Vec<_>>();
        assert_eq!(read(&along), archive, "who read along");
        assert_eq!(read(&resumed), archive[15..], "who came back");
        for way in Way::ALL {
            let mut afterwards = Read::default();
            afterwards.go_on(&api, &path, way, usize::MAX).await;
            let lines: Vec<Value> =
                afterwards.lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(lines, archive, "{way:?}");
        }
        api.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn lines_that_redis_forgot_are_said_again_before_those_that_follow() {
        forget_ten_of_twenty_lines_and_go_on_to(25).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn lines_that_redis_forgot_are_archived_though_the_build_says_nothing_more() {
        forget_ten_of_twenty_lines_and_go_on_to(20).await;
    }
}
