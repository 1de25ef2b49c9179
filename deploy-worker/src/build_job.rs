//! One deployment from snapshot to manifest, phase by phase. This is the room to start in.

use crate::engine_watch::{inventory, npm_of};
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
    BuildLimits, BuildPlan, OutputLimits, Phase, PlanKind, Published, QueueName, RelPath, SiteRules,
    SourceLimits, SourceRequest, SourceTree,
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
        failpoint::reach("download").await;
        let source = open_source(job, &self.source_limits, &self.spool).await?;
        let tree = source
            .read_tree(shipstack_plan::reads)
            .await
            .map_err(|error| crate::open_source::corrupt(&error))?;
        let plan = self.plan(job, &tree).await?;
        say_plan(job, &plan);
        report.plan = Some(plan.clone());
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
        if job.birth.source == (SourceRequest::Archive { prebuilt: true }) {
            return Ok(shipstack_plan::prebuilt(tree, options)?);
        }
        let inventory = inventory(&self.engine).await;
        let inventory = inventory.map_err(|error| engine_halt(&error, Phase::Preparing))?;
        let plan = shipstack_plan::decide(tree, options, &inventory)?;
        Ok(with_the_npm_of_its_node(plan))
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
        let read = Box::new(move |limits, files| read_snapshot(&source, &folder, limits, files));
        self.publisher(job).publish(read, rules).await
    }

    pub(crate) fn publisher<'a>(&'a self, job: &'a Job) -> Publisher<'a> {
        Publisher { job, limits: &self.output, timeout: self.publish_timeout }
    }
}

/// npm comes with each Node of the image, so its major follows whatever the plan chose.
fn with_the_npm_of_its_node(mut plan: BuildPlan) -> BuildPlan {
    if let (Some(manager), Some(node)) = (&mut plan.package_manager, plan.node)
        && manager.name == "npm"
    {
        manager.major = npm_of(node);
    }
    plan
}

/// The effective plan is the first thing in the log of an attempt.
fn say_plan(job: &Job, plan: &BuildPlan) {
    let what = match &plan.steps {
        PlanKind::Static { from } if from.is_root() => "published as it is".to_owned(),
        PlanKind::Static { from } => format!("{from}/ is published as it is"),
        PlanKind::Build { install, build, .. } => {
            let install = install.as_ref().map_or("no install".to_owned(), |step| step.command.clone());
            format!("install: {install} · build: {}", build.command)
        }
    };
    let framework = plan.framework.as_deref().unwrap_or("no framework");
    let node = plan.node.map(|major| format!(" · Node {major}")).unwrap_or_default();
    let manager = plan
        .package_manager
        .clone()
        .map(|manager| format!(" · {}", String::from(manager)))
        .unwrap_or_default();
    job.log.system(format!("Plan: {framework}{node}{manager} · {what}"));
    for note in &plan.notes {
        job.log.system(note.clone());
    }
}
