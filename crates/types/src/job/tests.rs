//! Tests of the transition table; `shipstack-state` compares it with the Redis scripts on random lives.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn worker(name: &str) -> WorkerId {
    WorkerId::new(name, [1; 8])
}

fn holder(queue: QueueName, name: &str, number: u32) -> Holder {
    Holder { queue, worker: worker(name), number: ClaimNumber::new(number).unwrap() }
}

fn digest(state: DeploymentState) -> Sha256Digest {
    Sha256Digest::of(state.as_str().as_bytes())
}

fn decide(by: Decider, state: DeploymentState) -> Event {
    Event::Decide { by, state, digest: digest(state) }
}

fn after(job: &Job, event: &Event) -> Result<Job, Refusal> {
    apply(Some(job), event, NOW, &JobRules::default())
}

fn held_build() -> (Job, Holder) {
    let waiting = Job::new(QueueName::Build, NOW, &JobRules::default());
    let job = after(&waiting, &Event::Claim { worker: worker("w"), nonce: 1 }).unwrap();
    (job, holder(QueueName::Build, "w", 1))
}

#[test]
fn nothing_becomes_of_a_job_that_nobody_knows() {
    let rules = JobRules::default();
    for event in [
        Event::Settle,
        Event::RequestCancel,
        Event::Promote,
        Event::Heartbeat(holder(QueueName::Build, "w", 1)),
    ] {
        assert_eq!(apply(None, &event, NOW, &rules), Err(Refusal::Unknown), "{event:?}");
    }
}

#[test]
fn words_follow_the_standing() {
    let rules = JobRules::default();
    let intake = Job::new(QueueName::Intake, NOW, &rules);
    assert_eq!(intake.word(), DeploymentState::Uploading);
    let taken = after(&intake, &Event::Claim { worker: worker("w"), nonce: 1 }).unwrap();
    assert_eq!(taken.word(), DeploymentState::Uploading);
    let ready = after(&taken, &Event::SourceReady(holder(QueueName::Intake, "w", 1))).unwrap();
    assert_eq!(
        (ready.word(), ready.source_claim, ready.attempt),
        (DeploymentState::Uploaded, ClaimNumber::new(1), 0)
    );
    let (building, by) = held_build();
    assert_eq!(building.word(), DeploymentState::Building);
    let settling = after(&building, &decide(Decider::Holder(by), DeploymentState::Failed)).unwrap();
    assert_eq!(settling.word(), DeploymentState::Building);
    assert_eq!(after(&settling, &Event::Settle).unwrap().word(), DeploymentState::Failed);
}

#[test]
fn a_build_holder_is_no_intake_holder() {
    let (job, _) = held_build();
    let stranger = holder(QueueName::Intake, "w", 1);
    assert_eq!(after(&job, &Event::Heartbeat(stranger.clone())), Err(Refusal::LeaseLost));
    assert_eq!(after(&job, &Event::SourceReady(stranger)), Err(Refusal::LeaseLost));
}

#[test]
fn what_is_wrong_is_named_by_weight() {
    let (held, by) = held_build();
    let sound = Facts { word: Some(DeploymentState::Building), leased: true, ..Facts::default() };
    assert_eq!(diagnose(&held, &sound, NOW), Diagnosis::Sound);
    assert_eq!(diagnose(&held, &Facts { leased: false, ..sound.clone() }, NOW), Diagnosis::ExpireLease);
    assert_eq!(diagnose(&held, &Facts { word: None, ..sound }, NOW), Diagnosis::RewriteStatus);
    let settling = after(&held, &decide(Decider::Holder(by), DeploymentState::Failed)).unwrap();
    assert_eq!(diagnose(&settling, &Facts::default(), NOW), Diagnosis::NeedsSettling);

    let waiting = Job::new(QueueName::Build, NOW, &JobRules::default());
    let listed = Facts { word: Some(DeploymentState::Uploaded), queued: true, ..Facts::default() };
    let missing = Facts { queued: false, ..listed.clone() };
    assert_eq!(diagnose(&waiting, &listed, NOW), Diagnosis::Sound);
    assert_eq!(diagnose(&waiting, &missing, NOW), Diagnosis::Requeue);
    let foreign = Facts { foreign_may_have_it: true, ..missing };
    assert_eq!(diagnose(&waiting, &foreign, NOW), Diagnosis::Sound);
    let deployed = Facts { word: Some(DeploymentState::Deployed), ..foreign };
    assert_eq!(diagnose(&waiting, &deployed, NOW), Diagnosis::ForeignDeployed);
    assert_eq!(diagnose(&waiting, &listed, waiting.deadline), Diagnosis::QueueTimeout);
    let cancelled = after(&waiting, &Event::RequestCancel).unwrap();
    assert_eq!(diagnose(&cancelled, &listed, NOW), Diagnosis::CancelPending);
}

fn events() -> impl Strategy<Value = (Event, u64)> {
    let queue = prop_oneof![Just(QueueName::Intake), Just(QueueName::Build)];
    let holders = (queue, prop_oneof![Just("w"), Just("x")], 1..6_u32)
        .prop_map(|(queue, name, number)| holder(queue, name, number));
    let state = prop_oneof![
        Just(DeploymentState::Deployed),
        Just(DeploymentState::Failed),
        Just(DeploymentState::Cancelled)
    ];
    let by = prop_oneof![
        holders.clone().prop_map(Decider::Holder),
        Just(Decider::Canceller),
        Just(Decider::QueueTimeout),
        (1..6_u32).prop_map(|number| Decider::Reaper(QueueName::Build, ClaimNumber::new(number).unwrap())),
    ];
    let event = prop_oneof![
        6 => prop_oneof![Just("w"), Just("x")].prop_map(|name| Event::Claim { worker: worker(name), nonce: 1 }),
        3 => holders.clone().prop_map(Event::Heartbeat),
        3 => holders.clone().prop_map(Event::SourceReady),
        2 => holders.clone().prop_map(Event::Drain),
        2 => holders.clone().prop_map(|holder| Event::PlatformFault { holder, rest: Duration::from_secs(2) }),
        2 => holders.prop_map(Event::Sweep),
        3 => (1..6_u32).prop_map(|number| Event::Reap(ClaimNumber::new(number).unwrap())),
        3 => (by, state).prop_map(|(by, state)| decide(by, state)),
        1 => Just(Event::Settle),
        1 => Just(Event::RequestCancel),
        2 => Just(Event::Promote),
    ];
    (event, prop_oneof![Just(0_u64), Just(1_000), Just(9_000), Just(100_000_000)])
}

proptest! {
    #[test]
    fn every_life_obeys_the_rules(life in proptest::collection::vec(events(), 1..120)) {
        let rules = JobRules::default();
        let mut now = NOW;
        let mut job = Job::new(QueueName::Intake, now, &rules);
        let mut claims = BTreeSet::new();
        for (event, pause) in life {
            now = now.plus(Duration::from_millis(pause));
            let Ok(next) = apply(Some(&job), &event, now, &rules) else { continue };
            if matches!(job.standing, Standing::Ended(_)) {
                prop_assert_eq!(&next, &job, "an end is final");
            }
            if let (Standing::Settling { verdict: before, .. }, Standing::Settling { verdict, .. } | Standing::Ended(verdict)) =
                (&job.standing, &next.standing)
            {
                prop_assert_eq!(before, verdict, "an outcome is fixed");
            }
            if matches!(event, Event::Claim { .. }) {
                prop_assert!(claims.insert((next.queue, next.fence())), "a claim number is never reused");
            }
            prop_assert!(next.attempt <= rules.attempts && next.deliveries <= rules.deliveries);
            prop_assert!(next.intake_fence >= job.intake_fence && next.build_fence >= job.build_fence);
            if let Standing::Held(hold) = &next.standing {
                prop_assert!(hold.lease <= next.deadline.max(hold.since.plus(rules.lease)));
            }
            let again = apply(Some(&next), &event, now, &rules);
            if !matches!(event, Event::Claim { .. } | Event::Settle | Event::Promote | Event::Reap(_) | Event::Sweep(_)) {
                prop_assert_eq!(again.as_ref(), Ok(&next), "a repeat is the same answer: {:?}", event);
            }
            job = next;
        }
    }
}
