//! The service: bind, then accept, fetch and keep house until told to stop.

use crate::admission::Admission;
use crate::app::App;
use crate::intake::Intake;
use crate::server_info::Limits;
use crate::streams::Streams;
use crate::{Config, housekeeping, server};
use actix_web::web::Data;
use shipstack_http::{Exposure, bind, serve_until};
use shipstack_records::{Records, RunnerConfig, Take, run_queue};
use shipstack_service::{Shutdown, Supervisor, metrics, say_ready};
use shipstack_source::Spool;
use shipstack_storage::Patience;
use shipstack_types::ArchiveLimits;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// Temporary files of this process, under the data folder.
const SPOOL_FOLDER: &str = "spool";
/// Repositories fetched at once: each has a git of up to a gigabyte of memory.
const INTAKE_SLOTS: usize = 4;
/// Archives taken in at once: each costs a core while it arrives.
const UPLOAD_SLOTS: usize = 8;

/// A service that is bound and has not begun.
pub struct Service {
    config: Config,
    records: Records,
    spool: Spool,
    listener: TcpListener,
}

impl Service {
    /// Binds the address and opens the spool.
    pub async fn build(config: Config, records: Records) -> anyhow::Result<Self> {
        let listener = bind(config.api_addr(), Exposure::of_api(&config.api))?;
        let base = config.data.data_dir.join(SPOOL_FOLDER);
        let spool = tokio::task::spawn_blocking(move || Spool::open(&base)).await??;
        Ok(Self { config, records, spool, listener })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Works until `shutdown`; running fetches may finish within the drain window.
    pub async fn run(self, shutdown: Shutdown) -> anyhow::Result<()> {
        metrics::enable();
        let address = self.address()?;
        let mut parts = Supervisor::new(shutdown.clone());
        housekeeping::spawn(&mut parts, &self.records, &shutdown);
        let (_always, ready) = watch::channel(true);
        parts.spawn(
            "intake",
            run_queue(self.records.clone(), Arc::new(self.intake()), self.runner(&shutdown, ready)),
        );
        let app = Data::new(self.app(&shutdown));
        let server = server::serve(self.listener, &self.config.api, app)?;
        parts.spawn("api", serve_until(server, shutdown.soft()));
        say_ready("upload-service", &address);
        Ok(parts.run(self.config.timeouts.drain.get()).await?)
    }

    fn app(&self, shutdown: &Shutdown) -> App {
        let source = self.config.limits.source();
        App {
            records: Records {
                store: self.records.store.with_patience(Patience::REQUEST),
                ..self.records.clone()
            },
            spool: self.spool.clone(),
            urls: self.config.public_url(),
            allow_private: self.config.source.allow_private_git_hosts.clone(),
            archive: ArchiveLimits { body_bytes: source.total_bytes, ..ArchiveLimits::default() },
            source,
            limits: Limits::of(&self.config),
            upload_deadline: self.config.timeouts.upload.get(),
            uploads: Arc::new(Semaphore::new(UPLOAD_SLOTS)),
            admission: Admission::new(&self.config.limits, &self.config.data.data_dir),
            streams: Streams::new(self.config.limits.max_streams.get()),
            stopping: shutdown.soft(),
        }
    }

    fn intake(&self) -> Intake {
        Intake {
            spool: self.spool.clone(),
            limits: self.config.limits.source(),
            deadline: self.config.timeouts.clone.get(),
            allow_private: self.config.source.allow_private_git_hosts.clone(),
            ca_file: self.config.ca_file.clone(),
            layout: self.config.source.snapshot_layout,
        }
    }

    fn runner(&self, shutdown: &Shutdown, ready: watch::Receiver<bool>) -> RunnerConfig {
        RunnerConfig {
            take: Take::Forever,
            slots: INTAKE_SLOTS,
            drain: self.config.timeouts.drain.get(),
            log_bytes: self.config.limits.build_log_max.get(),
            soft: shutdown.soft(),
            hard: shutdown.hard(),
            ready,
        }
    }
}
