//! A build as the state sees it, in the hands of a test: lines go straight to the log, and the end is the test's to say.

use bytes::Bytes;
use shipstack_records::{ArchiveSource, NewDeployment, Records};
use shipstack_state::{Claim, ClaimRequest, Decider, Decision, Outcome};
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::{
    BuildOptions, DeploymentId, DeploymentState, LogLine, LogStream, Phase, QueueName, ResultRecord,
    Sha256Digest, SourceInfo, Timestamp, WorkerId,
};

/// Lines of one append, as a worker sends them.
const BATCH: usize = 500;

pub(crate) struct Build {
    records: Records,
    pub(crate) claim: Claim,
    next: u64,
}

impl Build {
    /// Accepts an archive and takes its build.
    pub(crate) async fn begin(records: &Records) -> Self {
        Self::accept(records).await;
        Self::take(records, 1).await.expect("the build that was accepted")
    }

    /// Accepts an archive.
    pub(crate) async fn accept(records: &Records) {
        let id = DeploymentId::from_random(shipstack_service::random());
        let info = SourceInfo {
            commit: None,
            git_ref: None,
            sha256: Sha256Digest::of(b"x"),
            stored_bytes: 1,
            bytes: 1,
            files: 1,
            warnings: Vec::new(),
        };
        let source =
            ArchiveSource { snapshot: PutBody::from(b"x".to_vec()), info, prebuilt: false, name: None };
        let new = NewDeployment { id, build: BuildOptions::default(), idempotency: None, traceparent: None };
        records.accept_archive(new, source).await.unwrap();
    }

    /// Takes the next build, as this worker.
    pub(crate) async fn take(records: &Records, worker: u8) -> Option<Self> {
        let request = ClaimRequest {
            worker: WorkerId::new("test", [worker; 8]),
            nonce: u64::from_be_bytes(shipstack_service::random()),
        };
        let claim = records.state.claim_next(QueueName::Build, &request).await.unwrap()?;
        Some(Self { records: records.clone(), next: claim.next_log_seq, claim })
    }

    pub(crate) fn id(&self) -> &DeploymentId {
        &self.claim.id
    }

    pub(crate) fn path(&self) -> String {
        format!("/v1/deployments/{}/logs", self.id())
    }

    /// Writes lines up to this number, alive all the while.
    pub(crate) async fn write_to(&mut self, last: u64) {
        while self.next <= last {
            let until = last.min(self.next + BATCH as u64 - 1);
            let lines: Vec<LogLine> = (self.next..=until).map(|seq| line(seq, self.claim.attempt)).collect();
            self.records.state.append_log(&self.claim, &lines).await.unwrap();
            self.next = until + 1;
            self.beat().await;
        }
    }

    /// Writes one line with this text.
    pub(crate) async fn write(&mut self, text: &str) {
        let line = LogLine { text: text.to_owned(), ..line(self.next, 1) };
        self.records.state.append_log(&self.claim, &[line]).await.unwrap();
        self.next += 1;
    }

    pub(crate) async fn beat(&self) {
        self.records.state.heartbeat(&self.claim).await.unwrap();
    }

    /// Archives the log up to this line, as a settling leaves it that lost the state right after it.
    pub(crate) async fn archive_to(&self, last: u64) {
        let most = usize::try_from(last).unwrap();
        let lines = self.records.state.read_log(self.id(), 1, most).await.unwrap().lines;
        let text: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        let body = PutBody::from(zstd::encode_all(text.as_bytes(), 0).unwrap());
        self.records.store.put(&ObjectKey::Log(self.id().clone()), body, None).await.unwrap();
    }

    /// Decides that it failed, and makes that visible.
    pub(crate) async fn end(&self) {
        self.decide().await;
        self.records.settle(self.id()).await.unwrap();
    }

    pub(crate) async fn decide(&self) {
        let record = ResultRecord {
            id: self.id().clone(),
            parent: None,
            traceparent: None,
            state: DeploymentState::Failed,
            failure: None,
            published: None,
            attempt: 1,
            source_claim: None,
            plan: None,
            image: None,
            phases: Vec::new(),
            peak_memory_bytes: None,
            egress: None,
            log_key: ObjectKey::Log(self.id().clone()).to_string(),
            created_at: Timestamp::from_millis(0),
            ended_at: Timestamp::from_millis(1),
        };
        let record = Bytes::from(serde_json::to_vec(&record).unwrap());
        let outcome = Outcome { state: DeploymentState::Failed, record };
        let decided = self.records.state.decide(Decider::Holder(&self.claim), &outcome).await.unwrap();
        assert_eq!(decided, Decision::Fixed);
    }

    /// The archive as it lies in the store, line by line.
    pub(crate) async fn archive(&self) -> Vec<String> {
        let key = ObjectKey::Log(self.id().clone());
        let stored = self.records.store.read(&key, 1 << 30).await.unwrap().expect("an archive");
        let text = String::from_utf8(zstd::decode_all(&stored[..]).unwrap()).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }
}

/// Lines of all lengths, with everything that has to be escaped somewhere.
fn line(seq: u64, attempt: u32) -> LogLine {
    let noise = "x".repeat(usize::try_from(seq * 7 % 90).unwrap());
    LogLine {
        seq,
        at: Timestamp::from_millis(1_790_000_000_000 + seq),
        stream: LogStream::Stdout,
        phase: Phase::Building,
        attempt,
        text: format!("{seq} \u{1b}[32m✓\u{1b}[0m \"{noise}\" \\ \r \t event: end\u{2028}"),
    }
}
