//! One deployment from snapshot to manifest, phase by phase. This is the room to start in.

use crate::engine_watch::inventory;
use crate::halt::Step;
use crate::open_source::open_source;
use crate::output::read_snapshot;
use crate::publish::Publisher;
use crate::sandboxed::{Sandboxed, engine_halt};
use shipstack_engine::{Engine, Sandbox};
use shipstack_records::{BuildReport, Handler, Job, JobEnd};
use shipstack_service::failpoint;
use shipstack_source::{SnapshotReader, Spool};
use shipstack_types::{
    BuildLimits, BuildPlan, EgressBounds, OutputLimits, Phase, PlanKind, Published, QueueName, RelPath,
    SiteRules, SourceLimits, SourceRequest, SourceTree,
};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// Builds deployments; shared by all slots of a worker.
pub(crate) struct Builder {
    pub(crate) engine: Engine,
    /// Sandboxes on their way out, which outlive their jobs.
    pub(crate) removals: TaskTracker,
    pub(crate) spool: Spool,
    pub(crate) source_limits: SourceLimits,
    pub(crate) limits: BuildLimits,
    /// What the operator lets a build do on the network.
    pub(crate) egress: EgressBounds,
    pub(crate) output: OutputLimits,
    pub(crate) publish_timeout: Duration,
}

impl Handler for Builder {
    const QUEUE: QueueName = QueueName::Build;

    async fn run(&self, job: Arc<Job>) -> JobEnd {
        let mut report = BuildReport { source_claim: job.claim.source_claim, ..BuildReport::default() };
        // A stop drops the work where it stands; the sandbox removes itself when it is dropped.
        let done = job.stopped().run_until_cancelled(Box::pin(self.deploy(&job, &mut report))).await;
        match done {
            None => JobEnd::Stopped,
            Some(Err(halt)) => halt.end(report),
            Some(Ok(published)) => {
                report.published = Some(published);
                JobEnd::Finished(Box::new(report))
            }
        }
    }
}

impl Builder {
    async fn deploy(&self, job: &Arc<Job>, report: &mut BuildReport) -> Step<Published> {
        job.enter(Phase::Preparing).await?;
        failpoint::reach("download").await.map_err(|error| error.failure(Phase::Preparing))?;
        let source = open_source(job, &self.source_limits, &self.spool).await?;
        let tree = source
            .read_tree(shipstack_plan::reads)
            .await
            .map_err(|error| crate::open_source::corrupt(&error))?;
        let plan = self.plan(job, &tree).await?;
        // What was asked for is not said even where it is of no use, as with a finished site.
        let hidden = job.birth.build.env.iter().chain(&plan.env);
        job.log.hide(&hidden.map(|(name, value)| (name.clone(), value.clone())).collect());
        say_plan(job, &plan);
        report.plan = Some(plan.clone());
        job.decided(&plan).await?;
        let rules = shipstack_plan::site_rules(&tree, &plan)?;
        match &plan.steps {
            PlanKind::Static { from } => self.publish_source(job, source, from.clone(), rules).await,
            PlanKind::Build { .. } => {
                Sandboxed { builder: self, job, plan: &plan }.run(source, report, rules).await
            }
        }
    }

    async fn plan(&self, job: &Job, tree: &SourceTree) -> Step<BuildPlan> {
        let options = &job.birth.build;
        if matches!(job.birth.source, SourceRequest::Archive { prebuilt: true, .. }) {
            return Ok(shipstack_plan::prebuilt(tree, options)?);
        }
        let inventory = inventory(&self.engine).await;
        let inventory = inventory.map_err(|error| engine_halt(&error, Phase::Preparing))?;
        Ok(shipstack_plan::decide(tree, options, &inventory)?)
    }

    /// Removes a sandbox beside the rest of the job: the outcome does not wait for it.
    pub(crate) fn remove_later(&self, sandbox: Sandbox) {
        self.removals.spawn(async move {
            if let Err(error) = sandbox.remove().await {
                tracing::error!(%error, "a sandbox was not removed; the janitor comes back to it");
            }
        });
    }

    async fn publish_source(
        &self,
        job: &Job,
        source: SnapshotReader,
        folder: RelPath,
        rules: SiteRules,
    ) -> Step<Published> {
        job.enter(Phase::Collecting).await?;
        let read = Box::new(move |collector| read_snapshot(&source, &folder, collector));
        self.publisher(job).publish(read, rules).await
    }

    pub(crate) fn publisher<'a>(&'a self, job: &'a Job) -> Publisher<'a> {
        Publisher { job, limits: &self.output, timeout: self.publish_timeout }
    }
}

/// The effective plan is the first thing in the log of an attempt.
fn say_plan(job: &Job, plan: &BuildPlan) {
    job.log.system(format!("Plan: {}", shipstack_plan::describe(plan)));
    for note in &plan.notes {
        job.log.system(note.clone());
    }
}
