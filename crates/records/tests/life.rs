//! A job's life between store and state, with the in-process state and the store in memory, and the reindex.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use shipstack_records::{
    ArchiveSource, Compare, Depth, Handler, Job, JobEnd, LogPiece, NewDeployment, PublicUrl, Records,
    RunnerConfig, Take, run_queue,
};
use shipstack_state::{CancelAnswer, IndexQuery, State, StateConfig, Timing};
use shipstack_storage::{ObjectKey, Patience, PutBody, Store, StoreConfig};
use shipstack_testkit::{SmallDisk, wait_until};
use shipstack_types::job::JobRules;
use shipstack_types::{
    BuildOptions, ClaimMark, ClaimNumber, Code, DeploymentId, DeploymentState, Failure, LogStream, Phase,
    QueueName, ResultRecord, SystemClock, WorkerId,
};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use support::{new_deployment, plan, source_info};
use tokio_util::sync::CancellationToken;

async fn state() -> State {
    let timing = Timing::with_lease(Duration::from_secs(8));
    State::connect(&StateConfig::InProcess, timing, Arc::new(SystemClock)).await.unwrap()
}

async fn records() -> Records {
    let store = Store::connect(&StoreConfig::Memory).await.unwrap();
    let worker = WorkerId::new("test", [7; 8]);
    Records { store, state: state().await, clock: Arc::new(SystemClock), worker }
}

fn id(number: u8) -> DeploymentId {
    DeploymentId::from_random([number; 16])
}

async fn accept(records: &Records, number: u8) -> DeploymentId {
    accept_with(records, number, BuildOptions::default()).await
}

async fn accept_with(records: &Records, number: u8, build: BuildOptions) -> DeploymentId {
    let snapshot = PutBody::from(b"snapshot".to_vec());
    let source = ArchiveSource { snapshot, info: source_info(), prebuilt: false, name: None };
    let new = NewDeployment { build, ..new_deployment(id(number)) };
    records.accept_archive(new, source).await.unwrap();
    id(number)
}

/// What a test's handler does with every job.
enum Does {
    Fails(Failure),
    WaitsToBeStopped,
    /// Once, and then it fails as the project's.
    Panics,
}

struct Scripted {
    does: Does,
    runs: AtomicU32,
}

impl Handler for Scripted {
    const QUEUE: QueueName = QueueName::Build;

    async fn run(&self, job: Arc<Job>) -> JobEnd {
        self.runs.fetch_add(1, Ordering::SeqCst);
        job.log.write(LogStream::Stdout, format!("run of attempt {}", job.claim.attempt));
        job.birth.build.env.values().for_each(|value| job.log.write(LogStream::Stderr, value.clone()));
        match &self.does {
            Does::Fails(failure) => JobEnd::Failed(Box::default(), failure.clone()),
            Does::WaitsToBeStopped => {
                job.decided(&plan()).await.unwrap();
                job.stopped().cancelled().await;
                JobEnd::Stopped
            }
            Does::Panics if job.claim.attempt == 1 => {
                let state = &job.records.state;
                let said = async || !state.read_log(&job.claim.id, 1, 1).await.unwrap().lines.is_empty();
                wait_until("its line", said).await;
                panic!("on purpose")
            }
            Does::Panics => JobEnd::Failed(Box::default(), Failure::new(Phase::Building, Code::BuildFailed)),
        }
    }
}

struct Worker {
    handler: Arc<Scripted>,
    soft: CancellationToken,
    hard: CancellationToken,
    running: tokio::task::JoinHandle<()>,
}

impl Worker {
    fn start(records: &Records, does: Does) -> Self {
        Self::start_to(records, does, Take::Forever)
    }

    fn start_to(records: &Records, does: Does, take: Take) -> Self {
        let handler = Arc::new(Scripted { does, runs: AtomicU32::new(0) });
        let (soft, hard) = (CancellationToken::new(), CancellationToken::new());
        let config = RunnerConfig {
            take,
            slots: 2,
            drain: Duration::from_mins(1),
            log_bytes: 1 << 20,
            soft: soft.clone(),
            hard: hard.clone(),
            ready: tokio::sync::watch::channel(true).1,
        };
        let work = run_queue(records.clone(), Arc::clone(&handler), config);
        let running = tokio::spawn(async move { work.await.unwrap() });
        Self { handler, soft, hard, running }
    }

    async fn stop(self) {
        self.soft.cancel();
        self.hard.cancel();
        self.running.await.unwrap();
    }
}

async fn until_ended(records: &Records, id: &DeploymentId) -> DeploymentState {
    wait_until("an end", || async {
        records.reap().await.unwrap();
        records.state.status(id).await.unwrap().is_some_and(DeploymentState::is_terminal)
    })
    .await;
    records.state.status(id).await.unwrap().unwrap()
}

async fn result(records: &Records, id: &DeploymentId) -> ResultRecord {
    let bytes = records.store.read(&ObjectKey::Result(id.clone()), 1 << 20).await.unwrap();
    serde_json::from_slice(&bytes.expect("a result before the end is visible")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_fault_ends_the_job_at_once_with_its_log_in_the_store() {
    let records = records().await;
    let id = accept(&records, 1).await;
    let worker = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    assert_eq!(until_ended(&records, &id).await, DeploymentState::Failed);
    let result = result(&records, &id).await;
    assert_eq!(result.failure.unwrap().code, Code::BuildFailed);
    assert_eq!(worker.handler.runs.load(Ordering::SeqCst), 1);
    let mut log = records.read_log(&id, 1).await.unwrap().unwrap();
    let LogPiece::Lines(lines) = log.next().await.unwrap() else { panic!("no lines") };
    assert_eq!(log.next().await.unwrap(), LogPiece::Ended(DeploymentState::Failed));
    assert_eq!(lines[0].text, "run of attempt 1");
    let numbers: Vec<u64> = lines.iter().map(|line| line.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_a_requests_variables_is_neither_in_the_log_nor_in_the_failure() {
    let records = records().await;
    let env = BTreeMap::from([("TOKEN".to_owned(), "hunter2-password".to_owned())]);
    let id = accept_with(&records, 37, BuildOptions { env, ..BuildOptions::default() }).await;
    let failure = Failure::new(Phase::Building, Code::BuildFailed);
    let failure = failure.message("`sh hunter2-password` ended").remedy("Look at hunter2-password.");
    let worker = Worker::start(&records, Does::Fails(failure));
    until_ended(&records, &id).await;
    let mut log = records.read_log(&id, 1).await.unwrap().unwrap();
    let LogPiece::Lines(lines) = log.next().await.unwrap() else { panic!("no lines") };
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["run of attempt 1", "***", "build_failed: `sh ***` ended", "Look at ***."]);
    let failure = result(&records, &id).await.failure.unwrap();
    assert_eq!((failure.message.as_str(), failure.remedy.as_str()), ("`sh ***` ended", "Look at ***."));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_for_one_job_takes_one_finishes_it_and_returns_by_itself() {
    let records = records().await;
    let (first, second) = (accept(&records, 11).await, accept(&records, 12).await);
    let take = Take::One { patience: Duration::from_mins(1) };
    let fails = Does::Fails(Failure::new(Phase::Building, Code::BuildFailed));
    let worker = Worker::start_to(&records, fails, take);
    worker.running.await.unwrap();
    assert_eq!(worker.handler.runs.load(Ordering::SeqCst), 1);
    assert_eq!(records.state.status(&first).await.unwrap(), Some(DeploymentState::Failed));
    assert_eq!(records.state.status(&second).await.unwrap(), Some(DeploymentState::Uploaded));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_for_one_job_waits_for_it_and_goes_when_none_comes() {
    let records = records().await;
    let never = Does::WaitsToBeStopped;
    Worker::start_to(&records, never, Take::One { patience: Duration::ZERO }).running.await.unwrap();
    let fails = Does::Fails(Failure::new(Phase::Building, Code::BuildFailed));
    let worker = Worker::start_to(&records, fails, Take::One { patience: Duration::from_mins(1) });
    let id = accept(&records, 13).await;
    worker.running.await.unwrap();
    assert_eq!(records.state.status(&id).await.unwrap(), Some(DeploymentState::Failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_for_one_job_that_is_told_to_stop_gives_it_back() {
    let records = records().await;
    let id = accept(&records, 14).await;
    let take = Take::One { patience: Duration::from_mins(1) };
    let worker = Worker::start_to(&records, Does::WaitsToBeStopped, take);
    wait_until("the job to run", || async { worker.handler.runs.load(Ordering::SeqCst) == 1 }).await;
    worker.stop().await;
    assert_eq!(records.state.status(&id).await.unwrap(), Some(DeploymentState::Uploaded));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_fault_is_tried_again_until_the_attempts_are_used_up() {
    let records = records().await;
    let id = accept(&records, 2).await;
    let worker =
        Worker::start(&records, Does::Fails(Failure::new(Phase::Preparing, Code::EngineUnavailable)));
    assert_eq!(until_ended(&records, &id).await, DeploymentState::Failed);
    assert_eq!(result(&records, &id).await.failure.unwrap().code, Code::EngineUnavailable);
    assert_eq!(worker.handler.runs.load(Ordering::SeqCst), 3);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_in_which_the_worker_panics_is_tried_again() {
    let records = records().await;
    let id = accept(&records, 38).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let worker = Worker::start(&records, Does::Panics);
    assert_eq!(until_ended(&records, &id).await, DeploymentState::Failed);
    assert_eq!(result(&records, &id).await.failure.unwrap().code, Code::BuildFailed);
    assert_eq!(worker.handler.runs.load(Ordering::SeqCst), 2);
    worker.stop().await;
    wait_until("all that it had begun to end", || async { tasks() <= before }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_lacks_its_image_or_its_rights_is_done_by_another() {
    let records = records().await;
    for (number, lacking) in [(30, Code::ImageMissing), (31, Code::EnginePermissionDenied)] {
        let id = accept(&records, number).await;
        let take = Take::One { patience: Duration::from_secs(20) };
        let sick = Does::Fails(Failure::new(Phase::Preparing, lacking));
        Worker::start_to(&records, sick, take).running.await.unwrap();
        assert_eq!(records.state.status(&id).await.unwrap(), Some(DeploymentState::Uploaded), "{lacking}");
        let sound = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
        until_ended(&records, &id).await;
        assert_eq!(result(&records, &id).await.failure.unwrap().code, Code::BuildFailed);
        sound.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_stops_and_ends_cancelled() {
    let records = records().await;
    let id = accept(&records, 3).await;
    let worker = Worker::start(&records, Does::WaitsToBeStopped);
    wait_until("the job to run", || async { worker.handler.runs.load(Ordering::SeqCst) == 1 }).await;
    assert_eq!(records.state.request_cancel(&id).await.unwrap(), CancelAnswer::Holder);
    assert_eq!(until_ended(&records, &id).await, DeploymentState::Cancelled);
    assert_eq!(result(&records, &id).await.plan, Some(plan()), "what was going to be done stays known");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_gives_its_job_back_without_spending_an_attempt() {
    let records = records().await;
    let id = accept(&records, 4).await;
    let worker = Worker::start(&records, Does::WaitsToBeStopped);
    wait_until("the job to run", || async { worker.handler.runs.load(Ordering::SeqCst) == 1 }).await;
    worker.stop().await;
    let job = records.state.job(&id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempt), (DeploymentState::Uploaded, 0));
    let next = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    until_ended(&records, &id).await;
    assert_eq!(result(&records, &id).await.attempt, 1);
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_takes_in_time_ends_and_says_so() {
    let records = Records { state: impatient_state().await, ..records().await };
    let id = accept(&records, 7).await;
    wait_until("the reconciler to end it", || async {
        records.reconcile().await.unwrap();
        records.state.status(&id).await.unwrap() == Some(DeploymentState::Failed)
    })
    .await;
    let failure = result(&records, &id).await.failure.unwrap();
    assert_eq!((failure.code, failure.stage), (Code::QueueTimeout, Phase::Queued.into()));
    assert!(failure.remedy.contains("SHIPSTACK_QUEUE_TIMEOUT"), "{failure:?}");
    // Nobody was there to say it, and who looks for the reason looks into the log.
    let mut log = records.read_log(&id, 1).await.unwrap().unwrap();
    let LogPiece::Lines(lines) = log.next().await.unwrap() else { panic!("no lines") };
    assert!(lines[0].text.starts_with("queue_timeout: ") && lines[1].text == failure.remedy, "{lines:?}");
}

/// A state in which whatever waits has waited too long.
async fn impatient_state() -> State {
    let timing = Timing::default();
    let rules = JobRules { queue_timeout: Duration::from_millis(1), ..timing.rules };
    let timing = Timing { rules, ..timing };
    State::connect(&StateConfig::InProcess, timing, Arc::new(SystemClock)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_birth_is_torn_ends_all_the_same() {
    let records = Records { state: impatient_state().await, ..records().await };
    let id = accept(&records, 34).await;
    let birth = ObjectKey::Birth(id.clone());
    records.store.put(&birth, PutBody::from(b"{ torn".to_vec()), None).await.unwrap();
    wait_until("the reconciler to end it", || async {
        records.reconcile().await.unwrap();
        records.state.status(&id).await.unwrap() == Some(DeploymentState::Failed)
    })
    .await;
}

#[tokio::test]
async fn a_job_that_cannot_be_ended_keeps_no_other_from_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let records = Records { state: impatient_state().await, ..records_in(folder.path()).await };
    let (lost, whole) = (accept(&records, 35).await, accept(&records, 36).await);
    make_unreadable(folder.path(), &lost);
    wait_until("the reconciler to end the other", || async {
        records.reconcile().await.unwrap();
        records.state.status(&whole).await.unwrap() == Some(DeploymentState::Failed)
    })
    .await;
    assert_eq!(records.state.status(&lost).await.unwrap(), Some(DeploymentState::Uploaded));
}

async fn put<T: serde::Serialize>(records: &Records, key: &ObjectKey, record: &T) {
    let body = PutBody::from(serde_json::to_vec(record).unwrap());
    records.store.put(key, body, Some("application/json")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_number_that_a_forgetful_state_gives_out_again_is_not_worked_under() {
    let records = records().await;
    let id = accept(&records, 30).await;
    let [first, second] = [1, 2].map(|number| {
        let claim = ClaimNumber::new(number).unwrap();
        ObjectKey::BuildClaim { id: id.clone(), claim }
    });
    let zombies = ClaimMark { worker: WorkerId::new("zombie", [1; 8]), attempt: 1, at: records.clock.now() };
    put(&records, &first, &zombies).await;
    let worker = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    assert_eq!(until_ended(&records, &id).await, DeploymentState::Failed);
    worker.stop().await;
    let kept = records.store.read(&first, 1 << 20).await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<ClaimMark>(&kept).unwrap(), zombies);
    assert!(records.store.exists(&second).await.unwrap().is_some());
    assert_eq!(result(&records, &id).await.attempt, 1, "it cost no attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_shown_before_the_state_forgot_it_is_not_shown_anew() {
    let records = records().await;
    let worker = Worker::start(&records, Does::WaitsToBeStopped);
    let (earlier, same, other) =
        (accept(&records, 31).await, accept(&records, 32).await, accept(&records, 33).await);
    wait_until("two to run", || async { worker.handler.runs.load(Ordering::SeqCst) == 2 }).await;
    // What cannot be read was shown to nobody, and is written over.
    let rubbish = PutBody::from(b"rubbish".to_vec());
    records.store.put(&ObjectKey::Result(earlier.clone()), rubbish, None).await.unwrap();
    records.state.request_cancel(&earlier).await.unwrap();
    until_ended(&records, &earlier).await;
    wait_until("all to run", || async { worker.handler.runs.load(Ordering::SeqCst) == 3 }).await;
    for (id, state) in [(same, DeploymentState::Cancelled), (other, DeploymentState::Deployed)] {
        let shown = ResultRecord { id: id.clone(), state, attempt: 7, ..result(&records, &earlier).await };
        put(&records, &ObjectKey::Result(id.clone()), &shown).await;
        records.state.request_cancel(&id).await.unwrap();
        assert_eq!(until_ended(&records, &id).await, state);
        assert_eq!(result(&records, &id).await, shown);
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_state_comes_back_from_the_store() {
    let before = records().await;
    let ended = accept(&before, 5).await;
    let worker = Worker::start(&before, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    until_ended(&before, &ended).await;
    worker.stop().await;
    let waiting = accept(&before, 6).await;

    let after = Records { state: state().await, ..before.clone() };
    assert_eq!(after.state.status(&ended).await.unwrap(), None);
    assert!(after.ensure_index().await.unwrap());
    assert_eq!(after.status(&ended).await.unwrap(), Some(DeploymentState::Failed));
    assert_eq!(after.status(&waiting).await.unwrap(), Some(DeploymentState::Uploaded));
    let worker = Worker::start(&after, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    until_ended(&after, &waiting).await;
    assert_eq!(worker.handler.runs.load(Ordering::SeqCst), 1, "what had ended is not done again");
    worker.stop().await;
}

/// Every page of it is taken, so that not even a claim's mark can be written.
fn fill(disk: &SmallDisk) -> PathBuf {
    let filler = disk.path().join("filler");
    let mut file = File::create(&filler).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    filler
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_costs_no_job_an_attempt_and_all_go_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(1 << 20) else { return };
    let place = StoreConfig::Folder { path: disk.path().join("store") };
    let records = Records { store: Store::connect(&place).await.unwrap(), ..records().await };
    let ids = [accept(&records, 11).await, accept(&records, 12).await, accept(&records, 13).await];
    let filler = fill(&disk);
    assert!(records.readiness().await.iter().any(|check| !check.ok), "a full store is not ready");

    let worker = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    let jobs = async || {
        let mut jobs = Vec::new();
        for id in &ids {
            jobs.push(records.state.job(id).await.unwrap().unwrap());
        }
        jobs
    };
    let given_back = async || {
        let jobs = jobs().await;
        let waits = jobs.iter().all(|job| job.owner.is_none() && job.attempt == 0);
        waits && jobs.iter().any(|job| job.build_fence > 0)
    };
    wait_until("a claim that the full store failed to come back", given_back).await;
    std::fs::remove_file(filler).unwrap();
    for id in &ids {
        assert_eq!(until_ended(&records, id).await, DeploymentState::Failed);
        let result = result(&records, id).await;
        assert_eq!((result.failure.unwrap().code, result.attempt), (Code::BuildFailed, 1));
    }
    assert_eq!(worker.handler.runs.load(Ordering::SeqCst), 3, "none ran while the store was full");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_can_be_deleted_on_a_full_disk() {
    let Some(disk) = SmallDisk::mount(1 << 20) else { return };
    let place = StoreConfig::Folder { path: disk.path().join("store") };
    let records = Records { store: Store::connect(&place).await.unwrap(), ..records().await };
    let id = accept(&records, 18).await;
    let worker = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    until_ended(&records, &id).await;
    worker.stop().await;
    fill(&disk);
    assert!(records.delete(&id).await.unwrap());
    assert!(records.is_deleted(&id).await.unwrap());
    let result = ObjectKey::Result(id.clone());
    assert!(records.store.exists(&result).await.unwrap().is_none(), "nothing of it is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_damaged_record_does_not_take_the_list_with_it() {
    let records = records().await;
    let (sound, damaged) = (accept(&records, 14).await, accept(&records, 15).await);
    let key = ObjectKey::Birth(damaged);
    records.store.put(&key, PutBody::from(b"{ torn".to_vec()), None).await.unwrap();
    let urls = PublicUrl::new("http://{host}:3001/", "localhost");
    let query = IndexQuery { status: None, after: None, most: 10 };
    let list = records.list(&query, &urls).await.unwrap();
    assert_eq!(list.items.iter().map(|item| &item.id).collect::<Vec<_>>(), [&sound]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_damaged_record_stops_neither_reindex_nor_verify_and_verify_names_it() {
    let records = records().await;
    let (damaged, sound) = (accept(&records, 16).await, accept(&records, 17).await);
    let key = ObjectKey::Birth(damaged.clone());
    records.store.put(&key, PutBody::from(b"{ torn".to_vec()), None).await.unwrap();
    assert_eq!(records.reindex().await.unwrap(), 2);
    assert!(records.state.index_complete().await.unwrap());
    let mut found = Vec::new();
    let compare = Compare::StoreAlone;
    let verified = records.verify(Depth::Sizes, compare, |finding| found.push(finding)).await.unwrap();
    assert_eq!(verified.deployments, 2, "{sound} is looked at as well");
    assert_eq!(found.iter().map(|finding| &finding.id).collect::<Vec<_>>(), [&damaged]);
    assert!(found[0].what.contains("deployment.json"), "{}", found[0].what);
}

#[tokio::test]
async fn what_is_reindexed_by_hand_no_service_reindexes_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::Folder { path: folder.path().to_owned() };
    let store = Store::connect(&config).await.unwrap().with_pages_of(1);
    let operator = Records { store, ..records().await };
    for number in 18..22 {
        accept(&operator, number).await;
    }
    let service = Records { worker: WorkerId::new("service", [8; 8]), ..operator.clone() };
    let (by_hand, by_itself) = tokio::join!(operator.reindex(), service.ensure_index());
    assert_eq!((by_hand.unwrap(), by_itself.unwrap()), (4, false));
    assert!(service.ensure_index().await.unwrap(), "complete for everyone");
    let lease = Duration::from_secs(1);
    assert!(service.state.try_lock("reindex", &service.worker, lease).await.unwrap(), "given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_id_is_nobodys_deployment() {
    let records = records().await;
    let urls = PublicUrl::new("http://{host}:3001/", "localhost");
    assert_eq!(records.view(&id(9), &urls).await.unwrap(), None);
    assert_eq!(urls.of(&"aB_".parse().unwrap()), "http://localhost:3001/?id=aB_");
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_names_what_the_store_lost_and_what_the_state_contradicts() {
    let records = records().await;
    let id = accept(&records, 8).await;
    let worker = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    until_ended(&records, &id).await;
    worker.stop().await;
    let waiting = accept(&records, 9).await;
    let mut found = Vec::new();
    let sound =
        records.verify(Depth::Digests, Compare::WithState, |finding| found.push(finding)).await.unwrap();
    assert_eq!((sound.deployments, sound.findings, found.len()), (2, 0, 0), "{found:?}");

    records.store.delete(&ObjectKey::Log(id.clone())).await.unwrap();
    let stranger = Records { state: state().await, ..records.clone() };
    let wrong =
        stranger.verify(Depth::Sizes, Compare::WithState, |finding| found.push(finding)).await.unwrap();
    assert_eq!(wrong.findings, 2, "{found:?}");
    let of = |id: &DeploymentId| found.iter().filter(|finding| finding.id == *id).count();
    assert_eq!((of(&id), of(&waiting)), (2, 0), "what is so young may be queued in this moment: {found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_reads_an_archived_log_and_names_a_hole_in_it() {
    let records = records().await;
    let id = accept(&records, 39).await;
    let worker = Worker::start(&records, Does::Fails(Failure::new(Phase::Building, Code::BuildFailed)));
    until_ended(&records, &id).await;
    worker.stop().await;
    let key = ObjectKey::Log(id.clone());
    let whole = zstd::decode_all(&*records.store.read(&key, 1 << 20).await.unwrap().unwrap()).unwrap();
    let whole = String::from_utf8(whole).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let renumbered = format!("{{\"seq\":0{}", lines[0].strip_prefix("{\"seq\":1").unwrap());
    let packed = |lines: &[&str]| zstd::encode_all(format!("{}\n", lines.join("\n")).as_bytes(), 3).unwrap();
    let cut = |packed: Vec<u8>| packed[..packed.len() - 3].to_vec();
    for (log, expected) in [
        (packed(&lines), None),
        (packed(&lines[1..]), Some("has the number 2 on line 1")),
        (packed(&[lines[0], lines[2]]), Some("has the number 3 on line 2")),
        (packed(&[lines[0], lines[0]]), Some("has the number 1 on line 2")),
        (packed(&[&renumbered, lines[0]]), Some("has the number 0 on line 1")),
        (cut(packed(&lines)), Some("cannot be read to its end")),
        (zstd::encode_all(&whole.as_bytes()[..whole.len() - 1], 3).unwrap(), Some("cannot be read")),
        (zstd::encode_all(&b""[..], 3).unwrap(), Some("is empty")),
    ] {
        records.store.put(&key, PutBody::from(log), None).await.unwrap();
        let mut found = Vec::new();
        let compare = Compare::WithState;
        records.verify(Depth::Digests, compare, |finding| found.push(finding.what)).await.unwrap();
        let [what] = found.as_slice() else {
            assert!(found.is_empty() && expected.is_none(), "{expected:?}: {found:?}");
            continue;
        };
        assert!(expected.is_some_and(|expected| what.contains(expected)), "{expected:?}: {what}");
        let sizes = records.verify(Depth::Sizes, compare, |_| {}).await.unwrap();
        assert_eq!(sizes.findings, 0, "a log is read with the digests alone");
    }
}

#[tokio::test]
async fn verify_names_an_object_that_the_store_cannot_give_back_and_goes_on_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let records = records_in(folder.path()).await;
    let (lost, whole) = (accept(&records, 8).await, accept(&records, 9).await);
    make_unreadable(folder.path(), &lost);
    let mut found = Vec::new();
    let verified =
        records.verify(Depth::Sizes, Compare::WithState, |finding| found.push(finding)).await.unwrap();
    assert_eq!((verified.deployments, verified.findings), (2, 1), "{found:?}");
    assert!(
        found[0].id == lost && found[0].what.contains("cannot be read"),
        "{found:?}, and {whole} is whole"
    );
}

/// In a folder whose objects are read once.
async fn records_in(folder: &Path) -> Records {
    let store = Store::connect(&StoreConfig::Folder { path: folder.to_owned() }).await.unwrap();
    let at_once = Patience { attempt: Duration::from_secs(5), retry_for: Duration::ZERO };
    Records { store: store.with_patience(at_once), ..records().await }
}

/// Nobody can read the birth of this deployment.
fn make_unreadable(folder: &Path, id: &DeploymentId) {
    let birth = find(folder, &format!("{id}@/deployment.json"));
    std::fs::remove_file(&birth).unwrap();
    std::fs::create_dir(&birth).unwrap();
}

/// The path below `folder` that ends with this.
fn find(folder: &Path, end: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(end) {
                return path;
            }
            folders.extend(path.is_dir().then_some(path));
        }
    }
    panic!("no {end}")
}
