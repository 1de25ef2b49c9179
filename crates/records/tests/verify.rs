//! What `verify` sees in a Redis that somebody else has damaged, and what a Redis that forgot excuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_redis {
    use super::support::{new_deployment, plan, source_info};
    use serde_json::json;
    use shipstack_records::{ArchiveSource, Compare, Depth, Records};
    use shipstack_state::{
        ClaimRequest, Decider, Outcome, QueueName, QueueTake, RedisConfig, State, StateConfig, Timing,
    };
    use shipstack_storage::{ObjectKey, PutBody, Store, StoreConfig};
    use shipstack_testkit::{RedisOptions, RedisServer, wait_until};
    use shipstack_types::{
        ClaimMark, ClaimNumber, DeploymentId, DeploymentState, LogLine, LogStream, Manifest, Phase,
        SiteRules, SystemClock, Timestamp, WorkerId,
    };
    use std::sync::Arc;
    use std::time::Duration;

    async fn connect(redis: &RedisServer) -> Records {
        let url = redis.url().into();
        let config = RedisConfig { url, prefix: String::new(), take: QueueTake::Claim };
        let (clock, timing) = (Arc::new(SystemClock), Timing::default());
        let state = State::connect(&StateConfig::Redis(config), timing, clock.clone()).await.unwrap();
        let store = Store::connect(&StoreConfig::Memory).await.unwrap();
        Records { store, state, clock, worker: WorkerId::new("test", [7; 8]) }
    }

    async fn accept(records: &Records, number: u8) -> DeploymentId {
        let id = DeploymentId::from_random([number; 16]);
        let snapshot = PutBody::from(b"snapshot".to_vec());
        let source = ArchiveSource { snapshot, info: source_info(), prebuilt: true, name: None };
        records.accept_archive(new_deployment(id.clone()), source).await.unwrap();
        id
    }

    async fn findings(records: &Records) -> Vec<String> {
        let mut found = Vec::new();
        let (depth, compare) = (Depth::Digests, Compare::WithState);
        records.verify(depth, compare, |finding| found.push(finding.what)).await.unwrap();
        found
    }

    /// A deployment whose first claim published an empty site.
    async fn deployed(records: &Records) -> DeploymentId {
        let id = accept(records, 1).await;
        let request = ClaimRequest { worker: records.worker.clone(), nonce: 1 };
        let claim = records.state.claim_next(QueueName::Build, &request).await.unwrap().expect("a job");
        let manifest = Manifest::new(Vec::new(), SiteRules::default());
        let key = ObjectKey::Manifest { id: id.clone(), claim: claim.number };
        records.write_record(&key, &manifest).await.unwrap();
        let line = LogLine {
            seq: 1,
            at: records.clock.now(),
            stream: LogStream::System,
            phase: Phase::Publishing,
            attempt: 1,
            text: "published".to_owned(),
        };
        records.state.append_log(&claim, &[line]).await.unwrap();
        let result = json!({ "id": id, "state": "deployed", "attempt": 1, "plan": plan(),
            "published": { "claim": claim.number, "manifestKey": key.to_string(), "root": manifest.root,
                "files": 0, "bytes": 0 },
            "logKey": ObjectKey::Log(id.clone()).to_string(), "createdAt": Timestamp::default(),
            "endedAt": Timestamp::default() });
        let record = serde_json::to_vec(&result).unwrap().into();
        let outcome = Outcome { state: DeploymentState::Deployed, record };
        records.state.decide(Decider::Holder(&claim), &outcome).await.unwrap();
        records.settle(&id).await.unwrap();
        id
    }

    /// A claim began then, as its holder wrote it down.
    async fn began(records: &Records, id: &DeploymentId, claim: u32, at: Timestamp) {
        let claim = ClaimNumber::new(claim).unwrap();
        let mark = ClaimMark { worker: records.worker.clone(), attempt: claim.get(), at };
        records.write_record(&ObjectKey::BuildClaim { id: id.clone(), claim }, &mark).await.unwrap();
    }

    #[tokio::test]
    async fn verify_names_jobs_that_are_stuck() {
        let Some(redis) = RedisServer::start() else { return };
        let records = connect(&redis).await;
        let id = accept(&records, 1).await;
        assert_eq!(findings(&records).await, [""; 0]);
        redis.raw("DEL build-queue").unwrap();
        assert_eq!(findings(&records).await, ["it has not ended, and is in no queue and in nobody's hands"]);
        records.state.repair(&id).await.unwrap();
        let request = ClaimRequest { worker: records.worker.clone(), nonce: 1 };
        records.state.claim_next(QueueName::Build, &request).await.unwrap().expect("a job");
        redis.raw(&format!("HSET job:{id} lease 1 attempt 4")).unwrap();
        let found = findings(&records).await;
        let expected = ["it was taken too often: 4 attempts, 1 deliveries", "its lease is long over"];
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().zip(expected).all(|(what, expected)| what.starts_with(expected)), "{found:?}");
    }

    #[tokio::test]
    async fn verify_names_a_superseded_claim_that_is_published() {
        let Some(redis) = RedisServer::start_with(&RedisOptions::durable()) else { return };
        let records = connect(&redis).await;
        let id = deployed(&records).await;
        let at = |seconds| records.clock.now().plus(Duration::from_secs(seconds));
        began(&records, &id, 1, at(60)).await;
        assert_eq!(findings(&records).await, [""; 0]);
        redis.raw(&format!("HSET job:{id} build_fence 3")).unwrap();
        assert_eq!(findings(&records).await, [""; 0], "nobody heard of a later claim");
        began(&records, &id, 3, at(61)).await;
        assert_eq!(findings(&records).await, ["claim 1 is published, and claim 3 had begun"]);

        let known = redis.raw(&format!("HGET job:{id} phases")).unwrap();
        let known = known.lines().nth(1).unwrap().trim().to_owned();
        redis.raw(&format!("HSET job:{id} phases \"queued:{} \"", at(120).as_millis())).unwrap();
        assert_eq!(findings(&records).await, [""; 0], "Redis was emptied after the claim began");
        redis.raw(&format!("HSET job:{id} phases \"{known} \"")).unwrap();
        assert_eq!(findings(&records).await.len(), 1);

        let before = redis.raw("TIME").unwrap();
        let seconds: u64 = before.lines().nth(2).unwrap().parse().unwrap();
        began(&records, &id, 1, Timestamp::from_millis((seconds - 1) * 1000)).await;
        redis.raw(&format!("HSET job:{id} phases \"queued:1 \"")).unwrap();
        redis.restart().unwrap();
        wait_until("Redis answers", || async { records.state.check().await.is_ok() }).await;
        assert_eq!(findings(&records).await, [""; 0], "Redis may have forgotten its last second");
    }
}
