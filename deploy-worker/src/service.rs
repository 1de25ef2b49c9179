//! The worker as a service: connect, then build until told to stop.

use crate::Config;
use crate::build_job::Builder;
use crate::engine_watch::{self, EngineWatch};
use crate::health::{self, EngineInSight};
use crate::presence::Presence;
use crate::room::Room;
use shipstack_engine::Engine;
use shipstack_http::{Checks, Exposure, bind, health_server, serve_until};
use shipstack_records::{Records, RunnerConfig, Take, run_queue};
use shipstack_service::{CancellationToken, Pace, Shutdown, Supervisor, every, metrics, say_ready};
use shipstack_source::Spool;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

/// Temporary files of this process, under the data folder.
const SPOOL_FOLDER: &str = "spool";
/// How long a worker for one build waits for it: another may have been faster.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often dead workers' leftovers on this engine are looked for.
const JANITOR_EVERY: Duration = Duration::from_secs(15);

/// A worker that has its records and has not begun.
pub struct Service {
    config: Config,
    records: Records,
    spool: Spool,
    removals: TaskTracker,
    health: Option<TcpListener>,
    engine: EngineInSight,
    take: Take,
}

impl Service {
    /// Opens the spool and binds the health address, if there is one. The engine is looked for by [`Self::run`]: one that is away is no error, the worker waits for
    /// it and claims nothing meanwhile.
    pub async fn build(config: Config, records: Records) -> anyhow::Result<Self> {
        // Health tells what is broken and no secret; an operator decides who reaches it.
        let health = config.health.health_addr.map(|addr| bind(addr, Exposure::Guarded)).transpose()?;
        let base = config.data.data_dir.join(SPOOL_FOLDER);
        let spool = tokio::task::spawn_blocking(move || Spool::open(&base)).await??;
        let (removals, engine) = (TaskTracker::new(), EngineInSight::default());
        Ok(Self { config, records, spool, removals, health, engine, take: Take::Forever })
    }

    /// The same, which ends by itself after one build, or when none comes.
    #[must_use]
    pub fn for_one_build(self) -> Self {
        Self { take: Take::One { patience: PATIENCE }, ..self }
    }

    /// Where health is answered, if anywhere.
    pub fn health_addr(&self) -> Option<SocketAddr> {
        self.health.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// What `/readyz` of a process with this worker looks at.
    pub fn checks(&self) -> Checks {
        health::checks(&self.records, &self.engine)
    }

    /// Builds until `shutdown`, or until the one build is done; running builds may finish within the drain window.
    pub async fn run(mut self, shutdown: Shutdown) -> anyhow::Result<()> {
        metrics::enable();
        let mut parts = Supervisor::new(shutdown.clone());
        if let Some(listener) = self.health.take() {
            let server = health_server(listener, self.checks(), |_| {})?;
            parts.spawn("health", serve_until(server, shutdown.soft()));
        }
        self.spawn_reaper(&mut parts, &shutdown);
        let drain = self.config.timeouts.drain.get();
        parts.spawn("builds", self.build_until(shutdown));
        Ok(parts.run(drain).await?)
    }

    async fn build_until(self, shutdown: Shutdown) -> anyhow::Result<()> {
        let config = self.config.engine(&self.records);
        let mut beside = JoinSet::new();
        beside.spawn(self.presence().run(shutdown.soft()));
        let watch = self.watch();
        let Some(engine) = watch.connect(config, &shutdown.soft()).await else { return Ok(()) };
        self.engine.show(engine.clone());
        beside.spawn(watch.run(engine.clone(), shutdown.soft()));
        beside.spawn(self.janitor(engine.clone(), shutdown.soft()));
        say_ready("deploy-worker", &self.records.worker);
        let builder = Arc::new(self.builder(engine.clone()));
        run_queue(self.records.clone(), builder, self.runner(&shutdown)).await?;
        self.removals.close();
        self.removals.wait().await;
        engine.shut_down().await;
        // The one build is done, and so is the process. Asking twice would be a hard stop.
        if self.take != Take::Forever && !shutdown.soft().is_cancelled() {
            shutdown.ask();
        }
        Ok(())
    }

    fn watch(&self) -> EngineWatch {
        let least = self.config.limits.min_free_disk;
        let room = Room { least, spool: self.spool.path().to_owned(), engine: None };
        EngineWatch { room, fitness: self.engine.fitness.clone() }
    }

    fn presence(&self) -> Presence {
        let slots = self.config.engine.slots.get().into();
        Presence { records: self.records.clone(), slots, engine: self.engine.clone() }
    }

    fn spawn_reaper(&self, parts: &mut Supervisor, shutdown: &Shutdown) {
        let pace = Pace::about(self.records.state.timing().reap);
        let (records, stop) = (self.records.clone(), shutdown.soft());
        parts.spawn("reaper", async move {
            every("reaper", pace, stop, || records.reap()).await;
            Ok::<_, anyhow::Error>(())
        });
    }

    fn janitor(
        &self,
        engine: Engine,
        stop: CancellationToken,
    ) -> impl Future<Output = anyhow::Result<()>> + use<> {
        let records = self.records.clone();
        async move {
            every("janitor", Pace::about(JANITOR_EVERY), stop, || engine_watch::clean(&engine, &records))
                .await;
            Ok(())
        }
    }

    fn builder(&self, engine: Engine) -> Builder {
        let (sandbox, timeouts) = (&self.config.sandbox, &self.config.timeouts);
        Builder {
            engine,
            removals: self.removals.clone(),
            spool: self.spool.clone(),
            source_limits: self.config.limits.source(),
            limits: sandbox.limits(timeouts, &self.config.limits),
            egress: sandbox.egress(),
            output: self.config.limits.output(),
            publish_timeout: timeouts.publish.get(),
        }
    }

    fn runner(&self, shutdown: &Shutdown) -> RunnerConfig {
        let slots = usize::from(self.config.engine.slots.get());
        RunnerConfig {
            take: self.take,
            slots: if self.take == Take::Forever { slots } else { 1 },
            drain: self.config.timeouts.drain.get(),
            log_bytes: self.config.limits.build_log_max.get(),
            soft: shutdown.soft(),
            hard: shutdown.hard(),
            ready: self.engine.fitness.may_claim(),
        }
    }
}
