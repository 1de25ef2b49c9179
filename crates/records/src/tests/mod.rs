//! Moments between two steps that no test from outside can hit.

mod sweeping;

use crate::objects::write_json;
use crate::outcome::{BuildReport, Ending};
use crate::{ArchiveSource, Compare, Depth, NewDeployment, Records};
use shipstack_state::{CancelAnswer, Claim, ClaimRequest, State, StateConfig, Timing};
use shipstack_storage::{KeyPrefix, ObjectKey, PutBody, Store, StoreConfig};
use shipstack_types::{
    Birth, BuildOptions, ClaimNumber, DeletedMark, DeploymentId, DeploymentState, QueueName, ResultRecord,
    Sha256Digest, SourceInfo, SystemClock, Timestamp, WorkerId,
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A store with one accepted archive.
async fn accepted() -> (Records, DeploymentId) {
    let clock = Arc::new(SystemClock);
    let state = State::connect(&StateConfig::InProcess, Timing::default(), clock.clone()).await.unwrap();
    let store = Store::connect(&StoreConfig::Memory).await.unwrap();
    let records = Records { store, state, clock, worker: WorkerId::new("test", [7; 8]) };
    let id = DeploymentId::from_random([1; 16]);
    let new = NewDeployment {
        id: id.clone(),
        build: BuildOptions::default(),
        idempotency: None,
        traceparent: None,
    };
    let info = SourceInfo {
        commit: None,
        git_ref: None,
        sha256: Sha256Digest::of(b"snapshot"),
        stored_bytes: 8,
        bytes: 8,
        files: 1,
        warnings: Vec::new(),
    };
    let snapshot = PutBody::from(b"snapshot".to_vec());
    let source = ArchiveSource { snapshot, info, prebuilt: false, name: None };
    records.accept_archive(new, source).await.unwrap();
    (records, id)
}

async fn claimed(records: &Records) -> Claim {
    let ask = ClaimRequest { worker: records.worker.clone(), nonce: 1 };
    records.state.claim_next(QueueName::Build, &ask).await.unwrap().expect("a job")
}

/// As another process would have stored it.
async fn result(records: &Records, id: &DeploymentId) -> ResultRecord {
    let birth = records.known_birth(id).await.unwrap().expect("a birth");
    let outcome = records.outcome(&birth, None, BuildReport::default(), Ending::Deployed).unwrap();
    serde_json::from_slice(&outcome.record).unwrap()
}

async fn mark_deleted(records: &Records, id: &DeploymentId) {
    let mark = DeletedMark { at: records.now() };
    write_json(&records.store, &ObjectKey::Deleted(id.clone()), &mark).await.unwrap();
}

async fn is_gone(records: &Records, id: &DeploymentId) -> bool {
    let left = records.store.list(&KeyPrefix::Deployment(id.clone()), None).await.unwrap();
    let names: Vec<&str> = left.entries.iter().map(|entry| entry.path.as_str()).collect();
    records.state.status(id).await.unwrap().is_none() && names == ["deleted.json"]
}

#[tokio::test]
async fn a_job_that_had_ended_ends_as_it_was_shown_though_somebody_cancels_it_meanwhile() {
    let (records, id) = accepted().await;
    let key = ObjectKey::Result(id.clone());
    write_json(&records.store, &key, &result(&records, &id).await).await.unwrap();
    let claim = claimed(&records).await;
    assert_eq!(records.state.request_cancel(&id).await.unwrap(), CancelAnswer::Holder);
    assert!(records.begin(&claim, &CancellationToken::new()).await.unwrap().is_none());
    assert_eq!(records.state.status(&id).await.unwrap(), Some(DeploymentState::Deployed));
}

#[tokio::test]
async fn a_job_of_what_was_deleted_leaves_nothing_though_somebody_cancels_it_meanwhile() {
    let (records, id) = accepted().await;
    mark_deleted(&records, &id).await;
    let claim = claimed(&records).await;
    assert_eq!(records.state.request_cancel(&id).await.unwrap(), CancelAnswer::Holder);
    assert!(records.begin(&claim, &CancellationToken::new()).await.unwrap().is_none());
    assert!(is_gone(&records, &id).await);
}

#[tokio::test]
async fn what_is_deleted_while_it_is_being_restored_is_known_to_nobody() {
    let (records, id) = accepted().await;
    let read_before = result(&records, &id).await;
    mark_deleted(&records, &id).await;
    records.restore_ended(read_before).await.unwrap();
    assert_eq!(records.state.status(&id).await.unwrap(), None, "it had ended");

    let (records, id) = accepted().await;
    mark_deleted(&records, &id).await;
    records.restore_unfinished(&id).await.unwrap();
    assert!(is_gone(&records, &id).await, "its result was gone before its birth");
}

#[tokio::test]
async fn a_claim_whose_mark_cannot_be_read_counts_and_may_be_alive() {
    let (records, id) = accepted().await;
    let key = ObjectKey::BuildClaim { id: id.clone(), claim: ClaimNumber::FIRST };
    records.store.put(&key, PutBody::from(b"{ torn".to_vec()), None).await.unwrap();
    let newest = records.newest_claim(&id, QueueName::Build).await.unwrap();
    assert_eq!((newest.number, newest.attempt), (1, 1));
    assert!(newest.at.is_some());
}

/// Who accepted it died between its record and its place in the queue, and nobody repeated the request.
#[tokio::test]
async fn what_was_recorded_and_never_queued_is_queued_by_a_look() {
    let (records, id) = accepted().await;
    let birth = records.known_birth(&id).await.unwrap().expect("a birth");
    let orphan = |byte: u8, age: u64| Birth {
        id: DeploymentId::from_random([byte; 16]),
        created_at: Timestamp::from_millis(birth.created_at.as_millis() - age),
        ..birth.clone()
    };
    let (young, old, older) = (orphan(2, 0), orphan(3, 120_000), orphan(4, 1_800_000));
    assert_eq!(records.restore_unqueued().await.unwrap(), 0, "an index that is not complete is made anew");
    records.reindex().await.unwrap();
    for birth in [&young, &old, &older] {
        records.record(birth).await.unwrap();
    }
    let mut found = Vec::new();
    records.verify(Depth::Sizes, Compare::WithState, |finding| found.push(finding.id)).await.unwrap();
    assert_eq!(found, [older.id], "a look should have found it by now");
    assert_eq!(records.restore_unqueued().await.unwrap(), 2);
    assert!(records.state.status(&young.id).await.unwrap().is_none(), "it may be queued in this moment");
    assert_eq!(records.state.status(&old.id).await.unwrap(), Some(DeploymentState::Uploaded));
    assert_eq!(records.restore_unqueued().await.unwrap(), 0, "and it is known now");
}
