//! The model test: random operations on Redis, in process and on the bare transition table agree.

use super::World;
use super::world::{id, line, outcome, worker};
use crate::backend::{Absence, on_backend};
use crate::{Claim, Decider, HandBack, Reaped, StateError, StateEvent, Verdict};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use shipstack_types::job::{self, Event, Job, JobRules};
use shipstack_types::{
    ClaimNumber, DeploymentId, DeploymentState, Phase, QueueName, Sha256Digest, Timestamp,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

const IDS: usize = 4;
const WORKERS: usize = 2;
/// Far enough from every lease, rest and look that real milliseconds decide nothing.
const STEPS: [u64; 4] = [3, 5, 9, 20];

#[derive(Clone, Debug)]
enum Op {
    QueueIntake(usize),
    QueueBuild(usize),
    Claim { queue: QueueName, worker: usize, repeat: bool },
    Heartbeat(usize),
    EnterPhase(usize, Phase),
    SourceReady(usize),
    Append(usize),
    Drain(usize),
    Fault(usize),
    Decide(usize, DeploymentState),
    CancelDecide(usize),
    Settle(usize),
    Cancel(usize),
    Sweep { queue: QueueName, worker: usize, keep: usize },
    Reap,
    DecideReaped(usize, DeploymentState),
    Promote,
    Repair(usize),
    Pass(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let end = prop_oneof![
        Just(DeploymentState::Deployed),
        Just(DeploymentState::Failed),
        Just(DeploymentState::Cancelled)
    ];
    let queue = || prop_oneof![Just(QueueName::Intake), Just(QueueName::Build), Just(QueueName::Build)];
    let phase = prop_oneof![Just(Phase::Installing), Just(Phase::Building), Just(Phase::Storing)];
    let claim = 0..6_usize;
    prop_oneof![
        2 => (0..IDS).prop_map(Op::QueueIntake),
        4 => (0..IDS).prop_map(Op::QueueBuild),
        10 => (queue(), 0..WORKERS, any::<bool>()).prop_map(|(queue, worker, repeat)| Op::Claim { queue, worker, repeat }),
        3 => claim.clone().prop_map(Op::Heartbeat),
        2 => (claim.clone(), phase).prop_map(|(claim, phase)| Op::EnterPhase(claim, phase)),
        3 => claim.clone().prop_map(Op::SourceReady),
        2 => claim.clone().prop_map(Op::Append),
        3 => claim.clone().prop_map(Op::Drain),
        4 => claim.clone().prop_map(Op::Fault),
        3 => (claim.clone(), end.clone()).prop_map(|(claim, state)| Op::Decide(claim, state)),
        1 => (0..IDS).prop_map(Op::CancelDecide),
        3 => (0..IDS).prop_map(Op::Settle),
        2 => (0..IDS).prop_map(Op::Cancel),
        2 => (queue(), 0..WORKERS, claim.clone()).prop_map(|(queue, worker, keep)| Op::Sweep { queue, worker, keep }),
        6 => Just(Op::Reap),
        3 => (0..3_usize, end).prop_map(|(reaped, state)| Op::DecideReaped(reaped, state)),
        4 => Just(Op::Promote),
        2 => (0..IDS).prop_map(Op::Repair),
        8 => (0..STEPS.len()).prop_map(Op::Pass),
    ]
}

/// One backend and what its callers remember.
struct Player {
    world: World,
    claims: Vec<Claim>,
    reaped: Vec<Reaped>,
}

fn name(index: usize) -> DeploymentId {
    id(["a", "b", "c", "d"][index])
}

fn group(index: usize) -> &'static str {
    ["one", "two"][index % 2]
}

/// An answer as text that does not depend on the time.
fn said<T: std::fmt::Debug>(answer: Result<T, StateError>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(StateError::LeaseLost { .. }) => "lease lost".to_owned(),
        Err(StateError::Refused { refusal, .. }) => format!("refused: {refusal:?}"),
        Err(StateError::LogGap { missing, .. }) => format!("gap at {missing}"),
        Err(other) => panic!("no refusal but a failure: {other:?}"),
    }
}

impl Player {
    fn new(world: World) -> Self {
        Self { world, claims: Vec::new(), reaped: Vec::new() }
    }

    /// The newest claims, so that most operations meet one that lives.
    fn claimed(&self, index: usize) -> Option<Claim> {
        self.claims.iter().rev().nth(index).cloned()
    }

    async fn play(&mut self, op: &Op) -> String {
        let state = self.world.state.clone();
        match op {
            Op::QueueIntake(index) => said(state.queue_intake(&name(*index), group(*index)).await),
            Op::QueueBuild(index) => {
                said(state.queue_build(&name(*index), group(*index), ClaimNumber::FIRST).await)
            }
            Op::Claim { queue, worker, repeat } => self.claim(*queue, *worker, *repeat).await,
            Op::Settle(index) => said(state.settle(&name(*index)).await),
            Op::Cancel(index) => said(state.request_cancel(&name(*index)).await),
            Op::CancelDecide(index) => {
                let id = name(*index);
                said(state.decide(Decider::Canceller(&id), &outcome(DeploymentState::Cancelled)).await)
            }
            Op::Sweep { queue, worker: who, keep } => {
                let hands: Vec<_> = self.claimed(*keep).into_iter().map(|claim| claim.id).collect();
                said(state.sweep(*queue, &worker(["w", "x"][*who]), &hands).await)
            }
            Op::Reap => self.reap().await,
            Op::DecideReaped(index, end) => match self.reaped.get(*index).cloned() {
                Some(found) => {
                    let by = Decider::Reaper { id: &found.id, queue: found.queue, fence: found.fence };
                    said(state.decide(by, &outcome(*end)).await)
                }
                None => "nobody was reaped".to_owned(),
            },
            Op::Promote => said(state.promote_due().await),
            Op::Repair(index) => said(state.repair(&name(*index)).await),
            Op::Pass(index) => {
                self.world.pass(Duration::from_secs(STEPS[*index]));
                String::new()
            }
            _ => self.as_holder(op).await,
        }
    }

    async fn claim(&mut self, queue: QueueName, who: usize, repeat: bool) -> String {
        let request = self.world.request(["w", "x"][who]);
        let answer = self.world.state.claim_next(queue, &request).await;
        if repeat {
            let again = self.world.state.claim_next(queue, &request).await.unwrap();
            assert_eq!(answer.as_ref().unwrap(), &again, "a repeated request gets the same claim");
        }
        self.claims.extend(answer.as_ref().ok().cloned().flatten());
        said(answer)
    }

    async fn reap(&mut self) -> String {
        // Past the face: in process it would take a leap of the test's clock for a sleep of the machine.
        let mut found = on_backend!(self.world.state.backend(), reap(Absence::None)).unwrap();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        let text = format!("{found:?}");
        self.reaped = found.into_iter().filter(|reaped| reaped.verdict != Verdict::GivenBack).collect();
        text
    }

    async fn as_holder(&mut self, op: &Op) -> String {
        let state = &self.world.state;
        let (Op::Heartbeat(index)
        | Op::EnterPhase(index, _)
        | Op::SourceReady(index)
        | Op::Append(index)
        | Op::Drain(index)
        | Op::Fault(index)
        | Op::Decide(index, _)) = op
        else {
            unreachable!("every other operation is played above")
        };
        let Some(claim) = self.claimed(*index) else { return "no claim".to_owned() };
        match op {
            Op::Heartbeat(_) => said(state.heartbeat(&claim).await),
            Op::EnterPhase(_, phase) => said(state.enter_phase(&claim, *phase, None).await),
            Op::SourceReady(_) => said(state.source_ready(&claim).await),
            Op::Append(_) => said(state.append_log(&claim, &[line(claim.next_log_seq)]).await),
            Op::Drain(_) => said(state.hand_back(&claim, HandBack::Drain).await),
            Op::Fault(_) => {
                let why = HandBack::PlatformFault { retry_after: Duration::from_secs(2) };
                said(state.hand_back(&claim, why).await)
            }
            Op::Decide(_, end) => said(state.decide(Decider::Holder(&claim), &outcome(*end)).await),
            _ => String::new(),
        }
    }

    /// Everything that can be seen, without times.
    async fn seen(&self) -> String {
        let mut text = String::new();
        for index in 0..IDS {
            let view = self.world.state.job(&name(index)).await.unwrap();
            let Some(view) = view else { continue };
            let phases: Vec<_> =
                view.phases.iter().map(|timing| (timing.phase, timing.ended_at.is_some())).collect();
            let outcome = self.world.state.outcome(&name(index)).await.unwrap().map(|outcome| outcome.state);
            let log = self.world.state.read_log(&name(index), 1, 100).await.unwrap();
            let word = self.world.state.status(&name(index)).await.unwrap();
            assert_eq!(word, Some(view.state));
            let view = crate::JobView { phases: Vec::new(), ..view };
            writeln!(text, "{index}: {view:?} {phases:?} {outcome:?} {} {}", log.lines.len(), log.closed)
                .unwrap();
        }
        let events = self.world.all_events().await.into_iter();
        let mut events: Vec<_> = events.map(|event| StateEvent { cursor: String::new(), ..event }).collect();
        // In which order one reap looks at its jobs is each backend's own; what becomes of each job is not.
        events.sort_by(|one, other| one.id.cmp(&other.id));
        writeln!(text, "{events:?}").unwrap();
        text
    }
}

/// The bare table, driven by what the backends did.
#[derive(Default)]
struct Table {
    jobs: BTreeMap<DeploymentId, Job>,
    now: Timestamp,
    rules: JobRules,
}

impl Table {
    fn apply(&mut self, id: &DeploymentId, event: &Event) {
        if let Ok(after) = job::apply(self.jobs.get(id), event, self.now, &self.rules) {
            self.jobs.insert(id.clone(), after);
        }
    }

    /// Follows one operation; what the lists chose (claims, reaps, sweeps) is told by `player`.
    fn follow(&mut self, op: &Op, player: &Player, answer: &str) {
        match op {
            Op::QueueIntake(index) => self.apply(&name(*index), &Event::QueueIntake),
            Op::QueueBuild(index) => {
                self.apply(&name(*index), &Event::QueueBuild { source_claim: Some(ClaimNumber::FIRST) });
            }
            Op::Claim { .. } if answer.starts_with("Some") => {
                let claim = player.claims.last().unwrap();
                let event = Event::Claim { worker: claim.worker.clone(), nonce: 0 };
                self.apply(&claim.id, &event);
            }
            Op::Settle(index) => self.apply(&name(*index), &Event::Settle),
            Op::Cancel(index) => self.apply(&name(*index), &Event::RequestCancel),
            Op::CancelDecide(index) => {
                self.decide(&name(*index), job::Decider::Canceller, DeploymentState::Cancelled);
            }
            Op::DecideReaped(index, end) => {
                if let Some(found) = player.reaped.get(*index) {
                    self.decide(&found.id, job::Decider::Reaper(found.queue, found.fence), *end);
                }
            }
            Op::Pass(index) => self.now = self.now.plus(Duration::from_secs(STEPS[*index])),
            Op::Promote => {
                for id in self.jobs.keys().cloned().collect::<Vec<_>>() {
                    self.apply(&id, &Event::Promote);
                }
            }
            _ => self.follow_holder(op, player),
        }
    }

    fn decide(&mut self, id: &DeploymentId, by: job::Decider, state: DeploymentState) {
        let digest = Sha256Digest::of(&outcome(state).record);
        self.apply(id, &Event::Decide { by, state, digest });
    }

    fn follow_holder(&mut self, op: &Op, player: &Player) {
        let (index, event): (usize, fn(&Op, job::Holder) -> Event) = match op {
            Op::Heartbeat(index) => (*index, |_, holder| Event::Heartbeat(holder)),
            Op::EnterPhase(index, _) => (*index, |op, holder| match op {
                Op::EnterPhase(_, phase) => Event::EnterPhase(holder, *phase),
                _ => Event::Heartbeat(holder),
            }),
            Op::SourceReady(index) => (*index, |_, holder| Event::SourceReady(holder)),
            Op::Drain(index) => (*index, |_, holder| Event::Drain(holder)),
            Op::Fault(index) => {
                (*index, |_, holder| Event::PlatformFault { holder, rest: Duration::from_secs(2) })
            }
            Op::Decide(index, _) => (*index, |op, holder| {
                let state = if let Op::Decide(_, state) = op { *state } else { DeploymentState::Failed };
                let digest = Sha256Digest::of(&outcome(state).record);
                Event::Decide { by: job::Decider::Holder(holder), state, digest }
            }),
            _ => return,
        };
        if let Some(claim) = player.claimed(index) {
            self.apply(&claim.id, &event(op, claim.holder()));
        }
    }

    /// The table knows no lists, so what the reaper or the sweep gave back is taken over before comparing.
    async fn agrees(&mut self, op: &Op, player: &Player) {
        for index in 0..IDS {
            let view = player.world.state.job(&name(index)).await.unwrap();
            if matches!(op, Op::Reap | Op::Sweep { .. }) {
                self.take_over(&name(index), op, view.as_ref());
            }
            let seen = view.map(|view| {
                (view.state, view.attempt, view.intake_fence, view.build_fence, view.phase, view.cancel)
            });
            let table = self.jobs.get(&name(index)).map(|job| {
                (job.word(), job.attempt, job.intake_fence, job.build_fence, job.phase, job.cancel)
            });
            assert_eq!(seen, table, "the bare table after {op:?} on {index}");
        }
    }

    fn take_over(&mut self, id: &DeploymentId, op: &Op, view: Option<&crate::JobView>) {
        let (Some(job), Some(view)) = (self.jobs.get(id), view) else { return };
        let Some(number) = ClaimNumber::new(job.fence()) else { return };
        let job::Standing::Held(hold) = &job.standing else { return };
        let given_up = view.owner.is_none();
        let event = match op {
            Op::Reap if given_up => Event::Reap(number),
            Op::Sweep { .. } if given_up || view.attempt != job.attempt => {
                Event::Sweep(job::Holder { queue: job.queue, worker: hold.worker.clone(), number })
            }
            _ => return,
        };
        self.apply(id, &event);
    }
}

async fn run(ops: Vec<Op>) {
    let Some(redis) = World::redis().await else { return };
    let mut players = [Player::new(World::in_process().await), Player::new(redis)];
    let mut table = Table { now: Timestamp::from_millis(1_700_000_000_000), ..Table::default() };
    for (step, op) in ops.iter().enumerate() {
        let answers = [players[0].play(op).await, players[1].play(op).await];
        assert_eq!(answers[0], answers[1], "step {step}: {op:?}\n{ops:?}");
        assert_eq!(players[0].seen().await, players[1].seen().await, "step {step}: {op:?}\n{ops:?}");
        table.follow(op, &players[0], &answers[0]);
        table.agrees(op, &players[0]).await;
    }
}

mod real_redis {
    use super::*;

    #[test]
    fn redis_in_process_and_the_table_agree_on_random_lives() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
        let lives = proptest::collection::vec(op(), 1..80);
        let mut runner = TestRunner::new(config);
        runner
            .run(&lives, |ops| {
                runtime.block_on(run(ops));
                Ok(())
            })
            .unwrap();
    }
}
