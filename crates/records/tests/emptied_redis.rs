//! Redis is emptied under a running job: whoever reads along sees each line once, and the archive is what was read
//! (promise 18); and who held it leaves nothing behind, however long the store keeps it waiting (promise 5).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_redis {
    use super::support::{new_deployment, source_info};
    use shipstack_records::{
        ArchiveSource, Cancelled, Handler, Job, JobEnd, LogPiece, NewDeployment, Records, RunnerConfig, Take,
        run_queue,
    };
    use shipstack_state::{ClaimRequest, QueueTake, RedisConfig, State, StateConfig, Timing};
    use shipstack_storage::{ObjectKey, Patience, PutBody, S3Config, S3Key, Store, StoreConfig};
    use shipstack_testkit::{
        Bucket, HttpFault, HttpFaultProxy, RedisOptions, RedisServer, SeaweedFs, wait_until,
    };
    use shipstack_types::{
        Code, DeploymentId, DeploymentState, Failure, GitUrl, HostAllowList, LogLine, LogStream, Phase,
        QueueName, SystemClock, WorkerId,
    };
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::{mpsc, watch};
    use tokio::task::JoinHandle;
    use tokio_util::sync::CancellationToken;

    const LEASE: Duration = Duration::from_secs(1);

    async fn connect(redis: &RedisServer, store: &Store, name: u8) -> Records {
        let url = redis.url().into();
        let config = RedisConfig { url, prefix: String::new(), take: QueueTake::Claim };
        let clock = Arc::new(SystemClock);
        let timing = Timing::with_lease(LEASE);
        let state = State::connect(&StateConfig::Redis(config), timing, clock.clone()).await.unwrap();
        Records { store: store.clone(), state, clock, worker: WorkerId::new("test", [name; 8]) }
    }

    fn new() -> NewDeployment {
        new_deployment(DeploymentId::from_random(shipstack_service::random()))
    }

    fn url() -> GitUrl {
        GitUrl::parse("https://git.example.org/app", &HostAllowList::default()).unwrap()
    }

    /// A git source whose intake says one line and is done.
    struct Intake;

    impl Handler for Intake {
        const QUEUE: QueueName = QueueName::Intake;

        async fn run(&self, job: Arc<Job>) -> JobEnd {
            job.log.write(LogStream::Git, "fetched".to_owned());
            let (id, claim) = (job.claim.id.clone(), job.claim.number);
            let snapshot = PutBody::from(b"snapshot".to_vec());
            job.records
                .store
                .put(&ObjectKey::Source { id: id.clone(), claim }, snapshot, None)
                .await
                .unwrap();
            job.records.write_record(&ObjectKey::SourceInfo { id, claim }, &source_info()).await.unwrap();
            JobEnd::SourceReady
        }
    }

    /// The same, which says something before, and goes on when it may: to the rest, and to its end.
    struct SlowIntake {
        step: watch::Receiver<u8>,
    }

    impl Handler for SlowIntake {
        const QUEUE: QueueName = QueueName::Intake;

        async fn run(&self, job: Arc<Job>) -> JobEnd {
            job.log.write(LogStream::Git, "fetching".to_owned());
            let mut step = self.step.clone();
            step.wait_for(|step| *step >= 1).await.unwrap();
            let end = Intake.run(job).await;
            step.wait_for(|step| *step >= 2).await.unwrap();
            end
        }
    }

    /// A build that says ten lines and goes on when it may: into its failure.
    struct Build {
        said: mpsc::UnboundedSender<u32>,
        may_end: watch::Receiver<bool>,
    }

    impl Handler for Build {
        const QUEUE: QueueName = QueueName::Build;

        async fn run(&self, job: Arc<Job>) -> JobEnd {
            for number in 1..=10 {
                let text = format!("line {number} of claim {}", job.claim.number);
                job.log.write(LogStream::Stdout, text);
            }
            self.said.send(job.claim.number.get()).unwrap();
            let mut may_end = self.may_end.clone();
            tokio::select! {
                () = job.stopped().cancelled() => JobEnd::Stopped,
                _ = may_end.wait_for(|may| *may) => {
                    JobEnd::Failed(Box::default(), Failure::new(Phase::Building, Code::BuildFailed))
                }
            }
        }
    }

    struct Service {
        stop: CancellationToken,
        running: JoinHandle<()>,
    }

    impl Service {
        fn start<H: Handler>(records: &Records, handler: H) -> Self {
            Self::start_to(records, handler, Take::Forever)
        }

        fn start_to<H: Handler>(records: &Records, handler: H, take: Take) -> Self {
            let stop = CancellationToken::new();
            let config = RunnerConfig {
                take,
                slots: 1,
                drain: Duration::ZERO,
                log_bytes: 1 << 20,
                soft: stop.clone(),
                hard: stop.clone(),
                ready: watch::channel(true).1,
            };
            let work = run_queue(records.clone(), Arc::new(handler), config);
            Self { stop, running: tokio::spawn(async move { work.await.unwrap() }) }
        }

        async fn stop(self) {
            self.stop.cancel();
            self.running.await.unwrap();
        }
    }

    /// What an API process does all the time.
    fn keep_house(records: &Records) -> JoinHandle<()> {
        let records = records.clone();
        tokio::spawn(async move {
            loop {
                let _ = records.ensure_index().await;
                let _ = records.reap().await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
    }

    /// One reader from the first line to the end, which comes back in between.
    async fn follow(records: &Records, id: &DeploymentId, seen: watch::Sender<usize>) -> Vec<LogLine> {
        let mut lines: Vec<LogLine> = Vec::new();
        loop {
            let from = lines.last().map_or(1, |last| last.seq + 1);
            let mut reader = records.read_log(id, from).await.unwrap().unwrap();
            for _ in 0..3 {
                match reader.next().await.unwrap() {
                    LogPiece::Lines(more) => lines.extend(more),
                    LogPiece::Waiting => reader.wait(Duration::from_millis(50)).await,
                    LogPiece::Ended(state) => {
                        assert_eq!(state, DeploymentState::Failed);
                        return lines;
                    }
                    LogPiece::Deleted => panic!("nobody deleted it"),
                }
                seen.send_replace(lines.len());
            }
        }
    }

    async fn archive(records: &Records, id: &DeploymentId) -> Vec<LogLine> {
        let stored = records.store.read(&ObjectKey::Log(id.clone()), 1 << 20).await.unwrap().unwrap();
        let text = String::from_utf8(zstd::decode_all(&stored[..]).unwrap()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn assert_gapless(lines: &[LogLine]) {
        let numbers: Vec<u64> = lines.iter().map(|line| line.seq).collect();
        assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>());
    }

    fn count(lines: &[LogLine], text: &str) -> usize {
        lines.iter().filter(|line| line.text == text).count()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reader_of_a_running_build_has_every_line_once_and_the_archive_is_what_it_read() {
        let Some(redis) = RedisServer::start() else { return };
        let store = Store::connect(&StoreConfig::Memory).await.unwrap();
        let api = connect(&redis, &store, 1).await;
        let house = keep_house(&api);
        let request = new();
        let id = request.id.clone();
        api.accept_git(request, (url(), None)).await.unwrap();
        let intake = Service::start(&api, Intake);
        let (said, mut began) = mpsc::unbounded_channel();
        let (end, may_end) = watch::channel(false);
        let worker = connect(&redis, &store, 2).await;
        let builds = Service::start(&worker, Build { said, may_end });
        let (seen, mut watched) = watch::channel(0);
        let meanwhile = async {
            assert_eq!(began.recv().await, Some(1));
            watched.wait_for(|seen| *seen >= 11).await.unwrap();
            redis.raw("FLUSHALL").unwrap();
            assert_eq!(began.recv().await, Some(2), "a claim number is never used again");
            end.send(true).unwrap();
        };
        let (lines, ()) = tokio::join!(follow(&api, &id, seen), meanwhile);

        assert_gapless(&lines);
        assert_eq!(lines, archive(&api, &id).await);
        for text in ["fetched", "line 1 of claim 1", "line 10 of claim 1", "line 10 of claim 2"] {
            assert_eq!(count(&lines, text), 1, "{text} in {lines:#?}");
        }
        house.abort();
        builds.stop().await;
        intake.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_build_goes_on_behind_what_intake_said_though_redis_was_emptied_in_between() {
        let Some(redis) = RedisServer::start() else { return };
        let store = Store::connect(&StoreConfig::Memory).await.unwrap();
        let api = connect(&redis, &store, 1).await;
        let request = new();
        let id = request.id.clone();
        api.accept_git(request, (url(), None)).await.unwrap();
        let intake = Service::start(&api, Intake);
        let kept = ObjectKey::IntakeLog { id: id.clone(), claim: shipstack_types::ClaimNumber::FIRST };
        let (seen, mut watched) = watch::channel(0);
        let (said, _began) = mpsc::unbounded_channel();
        let worker = connect(&redis, &store, 2).await;
        let meanwhile = async {
            watched.wait_for(|seen| *seen >= 1).await.unwrap();
            wait_until("the log to be kept", async || store.exists(&kept).await.unwrap().is_some()).await;
            redis.raw("FLUSHALL").unwrap();
            (keep_house(&api), Service::start(&worker, Build { said, may_end: watch::channel(true).1 }))
        };
        let (lines, (house, builds)) = tokio::join!(follow(&api, &id, seen), meanwhile);
        assert_gapless(&lines);
        assert_eq!(lines, archive(&api, &id).await);
        assert_eq!((count(&lines, "fetched"), count(&lines, "line 10 of claim 1")), (1, 1), "{lines:#?}");
        house.abort();
        builds.stop().await;
        intake.stop().await;
    }

    /// A build that changes hands while something else lies where its log was left.
    async fn a_build_goes_on_though_there_is(left: impl FnOnce(&[LogLine]) -> Vec<u8>) {
        let Some(redis) = RedisServer::start() else { return };
        let store = Store::connect(&StoreConfig::Memory).await.unwrap();
        let api = connect(&redis, &store, 1).await;
        let request = new();
        let id = request.id.clone();
        api.accept_git(request, (url(), None)).await.unwrap();
        let intake = Service::start(&api, Intake);
        let (said, mut began) = mpsc::unbounded_channel();
        let (end, may_end) = watch::channel(false);
        let build = || Build { said: said.clone(), may_end: may_end.clone() };
        let (seen, mut watched) = watch::channel(0);
        let meanwhile = async {
            let first = Service::start(&connect(&redis, &store, 2).await, build());
            assert_eq!(began.recv().await, Some(1));
            watched.wait_for(|seen| *seen >= 11).await.unwrap();
            first.stop().await;
            let key = ObjectKey::ClaimLog { id: id.clone(), claim: shipstack_types::ClaimNumber::FIRST };
            let kept = store.read(&key, 1 << 20).await.unwrap().expect("a log that was kept");
            let kept = String::from_utf8(zstd::decode_all(&kept[..]).unwrap()).unwrap();
            let kept: Vec<LogLine> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            store.put(&key, PutBody::from(left(&kept)), None).await.unwrap();
            let second = Service::start(&connect(&redis, &store, 3).await, build());
            let told = tokio::time::timeout(Duration::from_secs(20), began.recv()).await;
            end.send(true).unwrap();
            assert_eq!(told.expect("a second claim"), Some(2));
            second
        };
        let (lines, second) = tokio::join!(follow(&api, &id, seen), meanwhile);
        assert_gapless(&lines);
        assert_eq!(lines, archive(&api, &id).await);
        for text in ["fetched", "line 10 of claim 1", "line 1 of claim 2", "line 10 of claim 2"] {
            assert_eq!(count(&lines, text), 1, "{text} in {lines:#?}");
        }
        assert_eq!(count(&lines, "of another log"), 0, "{lines:#?}");
        second.stop().await;
        intake.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_kept_log_that_is_not_the_one_of_the_state_is_left_alone() {
        let longer = |kept: &[LogLine]| {
            let longer = (1..=kept.len() as u64 + 5).map(|seq| LogLine {
                seq,
                text: "of another log".to_owned(),
                ..kept[0].clone()
            });
            let text: String = longer.map(|line| serde_json::to_string(&line).unwrap() + "\n").collect();
            zstd::encode_all(text.as_bytes(), 0).unwrap()
        };
        Box::pin(a_build_goes_on_though_there_is(longer)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_kept_log_that_cannot_be_read_fails_no_build() {
        Box::pin(a_build_goes_on_though_there_is(|_| b"no log at all".to_vec())).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_cancellation_outlives_a_redis_that_is_emptied_while_it_waits() {
        let Some(redis) = RedisServer::start() else { return };
        let store = Store::connect(&StoreConfig::Memory).await.unwrap();
        let api = connect(&redis, &store, 1).await;
        let request = new();
        let id = request.id.clone();
        api.accept_git(request, (url(), None)).await.unwrap();
        // A holder that never hears of it.
        let ask = ClaimRequest { worker: WorkerId::new("deaf", [9; 8]), nonce: 1 };
        assert!(api.state.claim_next(QueueName::Intake, &ask).await.unwrap().is_some());
        let house = keep_house(&api);
        let emptied = async {
            let asked = async || api.state.job(&id).await.unwrap().is_some_and(|job| job.cancel);
            wait_until("the request to be known", asked).await;
            redis.raw("FLUSHALL").unwrap();
        };
        let (cancelled, ()) = tokio::join!(api.cancel(&id, Duration::from_secs(10)), emptied);
        assert_eq!(cancelled.unwrap(), Cancelled::Ended(DeploymentState::Cancelled));
        house.abort();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_cancellation_ends_what_waits_though_redis_is_emptied_at_any_moment_of_it() {
        let Some(redis) = RedisServer::start() else { return };
        let store = Store::connect(&StoreConfig::Memory).await.unwrap();
        let api = connect(&redis, &store, 1).await;
        let house = keep_house(&api);
        for moment in 0..60 {
            let request = new();
            let id = request.id.clone();
            api.accept_git(request, (url(), None)).await.unwrap();
            let cancelling = tokio::spawn({
                let (api, id) = (api.clone(), id.clone());
                async move { api.cancel(&id, Duration::from_secs(10)).await }
            });
            for _ in 0..moment % 12 {
                redis.raw("PING").unwrap();
            }
            redis.raw("FLUSHALL").unwrap();
            let cancelled = cancelling.await.unwrap();
            assert_eq!(cancelled.unwrap(), Cancelled::Ended(DeploymentState::Cancelled), "moment {moment}");
        }
        house.abort();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_intake_said_is_there_though_redis_was_emptied_while_the_build_waited() {
        let Some(redis) = RedisServer::start() else { return };
        let store = Store::connect(&StoreConfig::Memory).await.unwrap();
        let api = connect(&redis, &store, 1).await;
        let request = new();
        let id = request.id.clone();
        api.accept_git(request, (url(), None)).await.unwrap();
        let intake = Service::start(&api, Intake);
        let kept = ObjectKey::IntakeLog { id: id.clone(), claim: shipstack_types::ClaimNumber::FIRST };
        wait_until("the log to be kept", async || store.exists(&kept).await.unwrap().is_some()).await;
        redis.raw("FLUSHALL").unwrap();
        let house = keep_house(&api);
        let known = async || api.state.status(&id).await.unwrap().is_some();
        wait_until("the deployment to be known again", known).await;
        // Nobody ever builds it: the log of what is cancelled now is what was said before.
        wait_until("its end", async || {
            api.state.request_cancel(&id).await.unwrap();
            api.reconcile().await.unwrap();
            api.state.status(&id).await.unwrap() == Some(DeploymentState::Cancelled)
        })
        .await;
        let lines = archive(&api, &id).await;
        assert_gapless(&lines);
        assert_eq!(count(&lines, "fetched"), 1);
        house.abort();
        intake.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_intake_said_is_there_though_redis_forgot_the_end_of_it() {
        for is_built in [true, false] {
            let Some(redis) = RedisServer::start_with(&RedisOptions::durable()) else { return };
            let store = Store::connect(&StoreConfig::Memory).await.unwrap();
            let api = connect(&redis, &store, 1).await;
            let request = new();
            let id = request.id.clone();
            api.accept_git(request, (url(), None)).await.unwrap();
            let (go_on, step) = watch::channel(0);
            let intake = Service::start(&api, SlowIntake { step });
            let said = async |line| !api.state.read_log(&id, line, 1).await.unwrap().lines.is_empty();
            wait_until("the first line", async || said(1).await).await;
            let appended = redis.appended().unwrap();
            go_on.send_replace(1);
            wait_until("the second line", async || said(2).await).await;
            redis.forget_after(appended).unwrap();
            redis.restart().unwrap();
            go_on.send_replace(2);
            let house = keep_house(&api);
            let waits = async || api.state.status(&id).await.ok() == Some(Some(DeploymentState::Uploaded));
            wait_until("the deployment to wait for its build", waits).await;
            if is_built {
                let (said, _heard) = mpsc::unbounded_channel();
                let build = Service::start(&api, Build { said, may_end: watch::channel(true).1 });
                let ended = async || api.state.status(&id).await.unwrap() == Some(DeploymentState::Failed);
                wait_until("its end", ended).await;
                build.stop().await;
            } else {
                let cancelled = api.cancel(&id, Duration::from_secs(5)).await.unwrap();
                assert_eq!(cancelled, Cancelled::Ended(DeploymentState::Cancelled));
            }
            let lines = archive(&api, &id).await;
            assert_gapless(&lines);
            assert_eq!((count(&lines, "fetching"), count(&lines, "fetched")), (1, 1), "{lines:?}");
            house.abort();
            intake.stop().await;
        }
    }

    /// A bucket behind what makes it silent, and a deployment that waits for its build.
    struct Silenced {
        bucket: Bucket,
        proxy: HttpFaultProxy,
        redis: RedisServer,
        worker: Records,
        id: DeploymentId,
    }

    impl Silenced {
        async fn start() -> Option<Self> {
            let (redis, bucket) = (RedisServer::start()?, SeaweedFs::bucket()?);
            let proxy = HttpFaultProxy::start(bucket.address().unwrap()).unwrap();
            let config = S3Config {
                bucket: bucket.name().to_owned(),
                region: None,
                endpoint: Some(proxy.url()),
                key: Some(S3Key { id: SeaweedFs::KEY.to_owned(), secret: SeaweedFs::SECRET.into() }),
            };
            // Whoever goes by the store's patience alone would wait for ever.
            let patience =
                Patience { attempt: Duration::from_millis(500), retry_for: Duration::from_hours(1) };
            let store = Store::connect(&StoreConfig::S3(config)).await.unwrap().with_patience(patience);
            let worker = connect(&redis, &store, 2).await;
            let request = new();
            let id = request.id.clone();
            let snapshot = PutBody::from(b"snapshot".to_vec());
            let source = ArchiveSource { snapshot, info: source_info(), prebuilt: false, name: None };
            worker.accept_archive(request, source).await.unwrap();
            Some(Self { bucket, proxy, redis, worker, id })
        }

        /// Waits for a call that was not made `before`.
        async fn until_asked_for(&self, (method, target): (&str, &str), before: usize) {
            let is_it = |told: &String| told.starts_with(method) && told.contains(target);
            let is_asked = async || self.proxy.calls().iter().skip(before).any(is_it);
            wait_until("the store to be asked", is_asked).await;
        }

        fn has(&self, name: &str) -> bool {
            self.bucket.fetch(&format!("output/{}/{name}", self.id)).unwrap().status == 200
        }
    }

    /// A worker of one job, for whom the store says nothing to such calls, and then Redis is emptied.
    async fn emptied_while_silent(at: &Silenced, call: (&str, &str)) -> JoinHandle<()> {
        let before = at.proxy.calls().len();
        at.proxy.spoil_only(call.0, call.1, HttpFault::Stall);
        let (said, _began) = mpsc::unbounded_channel();
        let build = Build { said, may_end: watch::channel(true).1 };
        let worker = Service::start_to(&at.worker, build, Take::One { patience: Duration::from_secs(20) });
        at.until_asked_for(call, before).await;
        at.redis.raw("FLUSHALL").unwrap();
        worker.running
    }

    async fn lets_go(worker: JoinHandle<()>) {
        let ended = tokio::time::timeout(Duration::from_secs(30), worker).await;
        ended.expect("it holds on to what is not its own any more").unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_lost_its_claim_while_the_store_was_silent_lets_go_and_leaves_no_mark() {
        for call in [("", ""), ("HEAD", "claims/1.json"), ("PUT", "claims/1.json")] {
            let Some(at) = Silenced::start().await else { return };
            lets_go(emptied_while_silent(&at, call).await).await;
            assert!(!at.has("claims/1.json"), "{call:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_lost_its_claim_to_an_id_that_nobody_announced_writes_no_birth_for_it() {
        let Some(at) = Silenced::start().await else { return };
        let stranger = new().id;
        at.redis.raw(&format!("DEL build-queue job:{}", at.id)).unwrap();
        at.redis.raw(&format!("LPUSH build-queue {stranger}")).unwrap();
        lets_go(emptied_while_silent(&at, ("PUT", "deployment.json")).await).await;
        assert_eq!(at.bucket.fetch(&format!("output/{stranger}/deployment.json")).unwrap().status, 404);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_result_that_redis_forgot_while_the_store_was_silent_is_not_written() {
        for call in [("GET", "build.log.zst"), ("PUT", "build.log.zst"), ("PUT", "result.json")] {
            let Some(at) = Silenced::start().await else { return };
            let worker = emptied_while_silent(&at, call).await;
            at.proxy.heal();
            lets_go(worker).await;
            assert!(!at.has("result.json"), "somebody else does the job by now: {call:?}");
        }
    }
}
