//! A state to test and the time it goes by.

use crate::{
    Change, Claim, ClaimRequest, Outcome, QueueTake, Reaped, RedisConfig, State, StateConfig, StateEvent,
    Timing,
};
use bytes::Bytes;
use secrecy::SecretString;
use shipstack_testkit::{RedisOptions, RedisServer};
use shipstack_types::{
    ClaimNumber, Clock, DeploymentId, DeploymentState, LogLine, LogStream, Phase, QueueName, Timestamp,
    WorkerId,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(super) const PREFIX: &str = "{t}:";
/// When the time of in-process worlds begins.
const START: u64 = 1_700_000_000_000;
/// The cursor before all events in worlds with Redis.
const BEFORE_ALL: &str = "0-0";

/// A clock that stands still until it is told otherwise.
#[derive(Debug)]
struct HandClock(AtomicU64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

#[derive(Debug)]
enum Time {
    Hand(Arc<HandClock>),
    Redis(Arc<RedisServer>),
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) state: State,
    time: Time,
    nonce: AtomicU64,
}

impl World {
    pub(super) async fn in_process() -> Self {
        let clock = Arc::new(HandClock(AtomicU64::new(START)));
        let state = State::connect(&StateConfig::InProcess, Timing::default(), clock.clone()).await.unwrap();
        Self { state, time: Time::Hand(clock), nonce: AtomicU64::new(0) }
    }

    pub(super) async fn redis() -> Option<Self> {
        let server = Arc::new(RedisServer::start_with(&RedisOptions::default())?);
        let state = connect(&server.url(), QueueTake::Claim).await;
        Some(Self::on(server, state))
    }

    pub(super) fn on(server: Arc<RedisServer>, state: State) -> Self {
        Self { state, time: Time::Redis(server), nonce: AtomicU64::new(0) }
    }

    pub(super) fn server(&self) -> &Arc<RedisServer> {
        match &self.time {
            Time::Redis(server) => server,
            Time::Hand(_) => panic!("this world has no Redis"),
        }
    }

    /// Whether all time here is the test's: Redis expires keys by its own.
    pub(super) fn is_in_process(&self) -> bool {
        matches!(self.time, Time::Hand(_))
    }

    /// One raw command at the server; `@` in front of a name stands for the prefix.
    pub(super) fn raw(&self, command: &str) -> String {
        self.server().raw(&command.replace('@', PREFIX)).unwrap()
    }

    pub(super) fn pass(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap();
        match &self.time {
            Time::Hand(clock) => {
                clock.0.fetch_add(millis, Ordering::Relaxed);
            }
            Time::Redis(_) => {
                self.raw(&format!("INCRBY @test-clock {millis}"));
            }
        }
    }

    /// A heartbeat's time and more, but less than a lease.
    pub(super) fn pass_a_moment(&self) {
        self.pass(Duration::from_secs(5));
    }

    pub(super) fn request(&self, worker: &str) -> ClaimRequest {
        ClaimRequest { worker: self::worker(worker), nonce: self.nonce.fetch_add(1, Ordering::Relaxed) }
    }

    pub(super) async fn claim(&self, queue: QueueName, worker: &str) -> Option<Claim> {
        self.state.claim_next(queue, &self.request(worker)).await.unwrap()
    }

    pub(super) async fn claim_build(&self, worker: &str) -> Claim {
        self.claim(QueueName::Build, worker).await.expect("something to build")
    }

    /// An archive that was accepted.
    pub(super) async fn archive(&self, id: &str, group: &str) -> DeploymentId {
        let id = self::id(id);
        self.state.queue_build(&id, group, ClaimNumber::FIRST).await.unwrap();
        id
    }

    /// An accepted archive in the hands of a worker.
    pub(super) async fn building(&self, id: &str, worker: &str) -> Claim {
        self.archive(id, "group").await;
        self.claim_build(worker).await
    }

    pub(super) async fn word(&self, id: &DeploymentId) -> DeploymentState {
        let word = self.state.status(id).await.unwrap().expect("a known id");
        let job = self.state.job(id).await.unwrap().expect("a known id");
        assert_eq!(job.state, word, "status is the projection of the job");
        word
    }

    /// Lets the lease end and reaps until the second look; what the second one found.
    pub(super) async fn reap_after_lease(&self) -> Vec<Reaped> {
        self.pass(Duration::from_secs(9));
        assert_eq!(self.state.reap().await.unwrap(), [], "the first look only suspects");
        self.pass(Duration::from_secs(2));
        self.state.reap().await.unwrap()
    }

    /// How often each id changed to this word.
    pub(super) async fn events(&self, word: &str) -> Vec<DeploymentId> {
        let moves = self.all_events().await.into_iter().filter(|event| event.change == Change::State);
        moves.filter(|event| event.word == word).map(|event| event.id).collect()
    }

    /// Every event since this world began.
    pub(super) async fn all_events(&self) -> Vec<StateEvent> {
        let beginning = match &self.time {
            Time::Hand(_) => format!("{START}-0"),
            Time::Redis(_) => BEFORE_ALL.to_owned(),
        };
        self.state.events(&beginning, 100_000).await.unwrap().expect("a known cursor").events
    }
}

pub(super) async fn connect(url: &str, take: QueueTake) -> State {
    connect_with(url, take, Timing::default()).await
}

pub(super) async fn connect_with(url: &str, take: QueueTake, timing: Timing) -> State {
    let config = RedisConfig { url: SecretString::from(url), prefix: PREFIX.to_owned(), take };
    let clock = Arc::new(shipstack_types::SystemClock);
    State::connect(&StateConfig::Redis(config), timing, clock).await.unwrap()
}

pub(super) fn id(text: &str) -> DeploymentId {
    text.parse().unwrap()
}

pub(super) fn worker(name: &str) -> WorkerId {
    WorkerId::new(name, [7; 8])
}

pub(super) fn outcome(state: DeploymentState) -> Outcome {
    Outcome { state, record: Bytes::from(format!("{{\"state\":\"{state}\",\"\u{0}bytes\":\"ä\"}}")) }
}

pub(super) fn line(seq: u64) -> LogLine {
    LogLine {
        seq,
        at: Timestamp::from_millis(seq),
        stream: LogStream::Stdout,
        phase: Phase::Building,
        attempt: 1,
        text: format!("line {seq} \u{1b}[31m✓"),
    }
}
