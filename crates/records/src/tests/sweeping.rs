//! What is removed from the store, when, and above all what is not.

use super::{accepted, mark_deleted};
use crate::Records;
use crate::adopt::unknown_birth;
use crate::objects::write_json;
use crate::outcome::{BuildReport, Ending};
use shipstack_storage::{KeyPrefix, ObjectKey, PutBody};
use shipstack_types::{
    ClaimNumber, Clock, DeploymentId, Published, ResultRecord, Sha256Digest, SystemClock, Timestamp,
};
use std::sync::Arc;
use std::time::Duration;

/// The machine's clock, so much later.
#[derive(Debug)]
struct Later(Duration);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.0)
    }
}

fn later(records: &Records, hours: u64) -> Records {
    Records { clock: Arc::new(Later(Duration::from_hours(hours))), ..records.clone() }
}

async fn put(records: &Records, key: ObjectKey) {
    records.store.put(&key, PutBody::from(b"bytes".to_vec()), None).await.unwrap();
}

/// What is in the store of a deployment, sorted.
async fn names(records: &Records, id: &DeploymentId) -> Vec<String> {
    let left = records.store.list(&KeyPrefix::Deployment(id.clone()), None).await.unwrap();
    let mut names: Vec<String> = left.entries.into_iter().map(|entry| entry.path).collect();
    names.sort_unstable();
    names
}

/// Everything that three claims of each queue store, but the snapshot of the first, which is there.
async fn three_claims_of_each(records: &Records, id: &DeploymentId) {
    for claim in (1..=3).filter_map(ClaimNumber::new) {
        let id = || id.clone();
        let path = || "a/b.js".parse().unwrap();
        put(records, ObjectKey::BuildClaim { id: id(), claim }).await;
        put(records, ObjectKey::IntakeClaim { id: id(), claim }).await;
        put(records, ObjectKey::ClaimLog { id: id(), claim }).await;
        put(records, ObjectKey::IntakeLog { id: id(), claim }).await;
        put(records, ObjectKey::Artifact { id: id(), claim, path: path() }).await;
        put(records, ObjectKey::Manifest { id: id(), claim }).await;
        if claim != ClaimNumber::FIRST {
            put(records, ObjectKey::Source { id: id(), claim }).await;
            put(records, ObjectKey::SourceInfo { id: id(), claim }).await;
        }
    }
}

async fn ends(records: &Records, id: &DeploymentId, report: BuildReport, ending: Ending) {
    let birth = records.known_birth(id).await.unwrap().expect("a birth");
    let outcome = records.outcome(&birth, None, report, ending).unwrap();
    let result: ResultRecord = serde_json::from_slice(&outcome.record).unwrap();
    write_json(&records.store, &ObjectKey::Result(id.clone()), &result).await.unwrap();
}

fn won_by(claim: u32, source: u32) -> BuildReport {
    let published = Published {
        claim: ClaimNumber::new(claim).unwrap(),
        manifest_key: "unused".to_owned(),
        root: Sha256Digest::of(b""),
        files: 1,
        bytes: 5,
    };
    BuildReport {
        published: Some(published),
        source_claim: ClaimNumber::new(source),
        ..BuildReport::default()
    }
}

const MARKS: [&str; 6] =
    ["claims/1.json", "claims/2.json", "claims/3.json", "intake/1.json", "intake/2.json", "intake/3.json"];

/// What a deployment has in any case, and this besides, sorted.
fn with_marks(more: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = MARKS
        .iter()
        .chain(&["deployment.json", "result.json"])
        .chain(more)
        .map(ToString::to_string)
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_day_after_its_end_only_the_claims_that_won_have_objects_besides_their_marks() {
    let (records, id) = accepted().await;
    three_claims_of_each(&records, &id).await;
    let unfinished = names(&records, &id).await;
    assert_eq!(later(&records, 100).sweep().await.unwrap(), 0, "it has not ended");
    ends(&records, &id, won_by(2, 3), Ending::Deployed).await;
    assert_eq!(later(&records, 23).sweep().await.unwrap(), 0, "it ended today");
    assert_eq!(names(&records, &id).await.len(), unfinished.len() + 1);
    assert_eq!(later(&records, 25).sweep().await.unwrap(), 14);
    let won = ["claims/2/dist/a/b.js", "claims/2/manifest.json"];
    let built = ["intake/3/source.json", "intake/3/source.tar.zst"];
    assert_eq!(names(&records, &id).await, with_marks(&[won, built].concat()));
    assert_eq!(later(&records, 25).sweep().await.unwrap(), 0, "and nothing is left");

    let (records, id) = accepted().await;
    three_claims_of_each(&records, &id).await;
    ends(&records, &id, won_by(1, 1), Ending::Deployed).await;
    later(&records, 25).sweep().await.unwrap();
    let won = ["dist/a/b.js", "manifest.json", "source.json", "source.tar.zst"];
    assert_eq!(names(&records, &id).await, with_marks(&won));
}

#[tokio::test]
async fn of_what_failed_the_snapshot_stays_and_what_the_node_system_stored() {
    let (records, id) = accepted().await;
    three_claims_of_each(&records, &id).await;
    ends(&records, &id, BuildReport::default(), Ending::Cancelled).await;
    later(&records, 25).sweep().await.unwrap();
    assert_eq!(names(&records, &id).await, with_marks(&["source.json", "source.tar.zst"]));

    // Its loose files have names of their own, its site has the keys of our first claim.
    let (records, id) = (records, DeploymentId::from_random([9; 16]));
    records.record(&unknown_birth(&id, records.now())).await.unwrap();
    for path in ["claims/notes.md", "claims/2.txt", "intake/form/index.js", "package.json", "dist/index.html"]
    {
        put(&records, ObjectKey::Loose { id: id.clone(), path: path.parse().unwrap() }).await;
    }
    put(&records, ObjectKey::BuildClaim { id: id.clone(), claim: ClaimNumber::FIRST }).await;
    ends(&records, &id, BuildReport::default(), Ending::Cancelled).await;
    assert_eq!(later(&records, 25).sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn a_snapshot_that_nobody_acknowledged_goes_after_a_day_and_a_bucket_of_the_node_system_stays() {
    let (records, _) = accepted().await;
    let [unborn, loose, half] = [5, 6, 7].map(|byte| DeploymentId::from_random([byte; 16]));
    let claim = ClaimNumber::FIRST;
    for id in [&unborn, &loose] {
        put(&records, ObjectKey::Source { id: id.clone(), claim }).await;
        put(&records, ObjectKey::SourceInfo { id: id.clone(), claim }).await;
    }
    put(&records, ObjectKey::Source { id: half.clone(), claim }).await;
    put(&records, ObjectKey::Loose { id: loose.clone(), path: "package.json".parse().unwrap() }).await;
    assert_eq!(later(&records, 23).sweep().await.unwrap(), 0, "its client may still be there");
    assert_eq!(later(&records, 25).sweep().await.unwrap(), 3);
    assert_eq!((names(&records, &unborn).await.len(), names(&records, &half).await.len()), (0, 0));
    assert_eq!(names(&records, &loose).await.len(), 3);
}

#[tokio::test]
async fn what_was_stored_after_its_deployment_was_deleted_is_swept() {
    let (records, id) = accepted().await;
    mark_deleted(&records, &id).await;
    assert_eq!(records.sweep().await.unwrap(), 3, "birth, snapshot, and what is known of it");
    assert_eq!(names(&records, &id).await, ["deleted.json"]);
}
