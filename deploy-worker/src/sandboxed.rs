//! Install, build and collect in a sandbox of the claim's own.

use crate::build_job::Builder;
use crate::command_failure::{Ran, failure_of};
use crate::egress_told::{EgressTold, denied};
use crate::halt::{Halt, Step};
use crate::output::read_tar;
use shipstack_engine::{
    BUILD_UID, Collected, Command, EngineError, EntryKind, ExitClass, OutputLine, PROJECT_FOLDER, Sandbox,
    SandboxRequest, Toolchain,
};
use shipstack_plan::{DEFAULT_NODE, TOOL_VARIABLES};
use shipstack_records::{BuildReport, Job};
use shipstack_service::failpoint;
use shipstack_source::{SnapshotReader, VolumeLayout};
use shipstack_types::{
    BuildPlan, BuildStep, Code, Failure, OutputFolder, Phase, PlanKind, Published, RelPath, SiteRules,
};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio_util::io::{StreamReader, SyncIoBridge};

/// Lines between the engine and the log; the log never waits, so this is only a hand-over.
const LINES_AHEAD: usize = 256;

/// One build in its sandbox.
pub(crate) struct Sandboxed<'a> {
    pub(crate) builder: &'a Builder,
    pub(crate) job: &'a Arc<Job>,
    pub(crate) plan: &'a BuildPlan,
}

impl Sandboxed<'_> {
    /// Runs the plan. What the build used is in the report however it ended; the sandbox goes after the outcome.
    pub(crate) async fn run(
        &self,
        source: SnapshotReader,
        report: &mut BuildReport,
        rules: SiteRules,
    ) -> Step<Published> {
        let sandbox = self.open().await?;
        report.image = Some(sandbox.image().as_str().to_owned());
        let told = EgressTold::of(&sandbox, &self.builder.egress, &self.job.log);
        told.say_bounds();
        let mut refusals = sandbox.refusals();
        let done = tokio::select! {
            done = Box::pin(self.build(&sandbox, source, report, rules)) => done,
            never = told.say_all(&mut refusals) => match never {},
        };
        report.egress = sandbox.egress_receipt().await.ok().flatten();
        told.say_rest(report.egress.as_ref());
        self.builder.remove_later(sandbox);
        done.map_err(|halt| denied(halt, &told))
    }

    async fn open(&self) -> Step<Sandbox> {
        let request = SandboxRequest {
            deployment: self.job.claim.id.clone(),
            claim: self.job.claim.number,
            limits: self.builder.limits.clone(),
            toolchain: Toolchain {
                node: self.plan.node.unwrap_or(DEFAULT_NODE),
                package_manager: self.plan.package_manager.clone(),
            },
            env: variables(self.plan),
            egress: self.plan.egress.clone(),
        };
        self.builder.engine.open(request).await.map_err(|error| engine_halt(&error, Phase::Preparing))
    }

    async fn build(
        &self,
        sandbox: &Sandbox,
        source: SnapshotReader,
        report: &mut BuildReport,
        rules: SiteRules,
    ) -> Step<Published> {
        let PlanKind::Build { install, build, output } = &self.plan.steps else {
            return Err(Failure::new(Phase::Preparing, Code::Internal).into());
        };
        self.fill(sandbox, source).await?;
        let deadline = Instant::now() + self.builder.limits.timeout;
        if let Some(install) = install {
            failpoint::reach("install").await.map_err(|error| error.failure(Phase::Installing))?;
            self.step(sandbox, install, (Phase::Installing, deadline), report).await?;
        }
        let ended = sandbox.end_install().await;
        ended.map_err(|error| engine_halt(&error, Phase::Installing))?;
        failpoint::reach("build").await.map_err(|error| error.failure(Phase::Building))?;
        self.step(sandbox, build, (Phase::Building, deadline), report).await?;
        self.job.enter(Phase::Collecting).await?;
        let collected = self.collect(sandbox, output).await?;
        self.builder.publisher(self.job).publish(reader_of(collected), rules).await
    }

    async fn fill(&self, sandbox: &Sandbox, source: SnapshotReader) -> Step<()> {
        let top = PROJECT_FOLDER.parse().map_err(|_| Failure::new(Phase::Preparing, Code::Internal))?;
        let layout = VolumeLayout { top, owner: BUILD_UID, only: RelPath::root() };
        let filled = sandbox.fill(source.volume_tar(layout)).await;
        filled.map_err(|error| engine_halt(&error, Phase::Preparing))
    }

    async fn step(
        &self,
        sandbox: &Sandbox,
        step: &BuildStep,
        (phase, deadline): (Phase, Instant),
        report: &mut BuildReport,
    ) -> Step<()> {
        self.job.enter(phase).await?;
        self.job.log.system(format!("$ {}", step.command));
        let command = Command {
            script: step.command.clone(),
            directory: step.directory.clone(),
            env: Vec::new(),
            deadline: deadline.into(),
            silence: self.builder.limits.silence,
        };
        let (sender, lines) = mpsc::channel(LINES_AHEAD);
        let (ended, ()) =
            tokio::join!(sandbox.run(&command, sender, self.job.stopped().clone()), self.carry_lines(lines));
        let ended = ended.map_err(|error| engine_halt(&error, phase))?;
        report.peak_memory_bytes = report.peak_memory_bytes.max(ended.peak_memory_bytes);
        match ended.exit {
            ExitClass::Ok => Ok(()),
            ExitClass::Cancelled => Err(Halt::Stopped),
            exit => {
                Err(failure_of(&Ran { phase, command: &step.command, limits: &self.builder.limits }, exit)
                    .into())
            }
        }
    }

    async fn carry_lines(&self, mut lines: mpsc::Receiver<OutputLine>) {
        while let Some(line) = lines.recv().await {
            let Job { claim, log, .. } = &**self.job;
            // Masked here as well, only where somebody looks: the arguments are not evaluated otherwise.
            tracing::debug!(target: "deploy_worker::mirror", "[{}] {}", claim.id, log.masked(line.text.clone()));
            log.write(line.stream, line.text);
        }
    }

    /// The output folder: the first candidate that is there; with several, the first that holds an `index.html`.
    async fn collect(&self, sandbox: &Sandbox, output: &OutputFolder) -> Step<Collected> {
        let halt = |error: EngineError| engine_halt(&error, Phase::Collecting);
        let mut there = Vec::new();
        for candidate in self.candidates(sandbox, output).await? {
            match sandbox.entry(&candidate).await.map_err(halt)? {
                Some(EntryKind::Folder) => there.push(candidate),
                Some(_) => return Err(refused_folder(&candidate)),
                None => {}
            }
        }
        let mut chosen = there.first().cloned();
        if there.len() > 1 {
            for folder in &there {
                let index = index_of(folder);
                if matches!(sandbox.entry(&index).await.map_err(halt)?, Some(EntryKind::File)) {
                    chosen = Some(folder.clone());
                    break;
                }
            }
        }
        let Some(folder) = chosen else { return Err(self.output_missing(sandbox, output).await) };
        self.job.log.system(format!("Output: {folder}/"));
        let collected = sandbox.collect(&folder).await.map_err(halt)?;
        collected.ok_or_else(|| refused_folder(&folder))
    }

    /// Candidates from the root of the source. With `only_child` the folders that Angular nests come first.
    async fn candidates(&self, sandbox: &Sandbox, output: &OutputFolder) -> Step<Vec<RelPath>> {
        let directory = &self.plan.directory;
        let plain = output.candidates.iter().filter_map(|folder| directory.join(folder).ok());
        let plain: Vec<RelPath> = plain.collect();
        if !output.only_child {
            return Ok(plain);
        }
        let folders = sandbox.list_folders().await.map_err(|error| engine_halt(&error, Phase::Collecting))?;
        let nested = plain.iter().filter_map(|candidate| {
            let mut children = folders.iter().filter(|folder| folder.parent().as_ref() == Some(candidate));
            children.next().filter(|_| children.next().is_none()).cloned()
        });
        let nested: Vec<RelPath> = nested.collect();
        let browser = nested.iter().filter_map(|child| child.join(&"browser".parse().ok()?).ok());
        Ok(browser.chain(nested.clone()).chain(plain.clone()).collect())
    }

    async fn output_missing(&self, sandbox: &Sandbox, output: &OutputFolder) -> Halt {
        let names =
            |folders: &[RelPath]| folders.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let looked = names(&output.candidates);
        let there = match sandbox.list_folders().await {
            Ok(folders) if folders.is_empty() => "there are no folders".to_owned(),
            Ok(folders) => format!("there are: {}", names(folders.get(..20).unwrap_or(&folders))),
            Err(error) => return engine_halt(&error, Phase::Collecting),
        };
        let message = format!("The build wrote no output folder. Looked for {looked}; {there}.");
        Failure::new(Phase::Collecting, Code::OutputMissing).message(message).into()
    }
}

fn variables(plan: &BuildPlan) -> Vec<(String, String)> {
    let tools = TOOL_VARIABLES.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    tools.chain(plan.env.clone()).collect()
}

fn index_of(folder: &RelPath) -> RelPath {
    let index: Option<RelPath> = "index.html".parse().ok();
    index.and_then(|index| folder.join(&index).ok()).unwrap_or_default()
}

fn reader_of(collected: Collected) -> crate::publish::ReadOutput {
    let runtime = tokio::runtime::Handle::current();
    Box::new(move |collector| {
        let _inside = runtime.enter();
        read_tar(SyncIoBridge::new(StreamReader::new(collected.tar)), collector)
    })
}

fn refused_folder(folder: &RelPath) -> Halt {
    let message = format!("The output cannot be published: {folder} is a link or no folder.");
    Failure::new(Phase::Collecting, Code::OutputRefused).message(message).into()
}

pub(crate) fn engine_halt(error: &EngineError, phase: Phase) -> Halt {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::warn!(%error, cause, %phase, "the engine failed a build");
    error.failure(phase).into()
}
