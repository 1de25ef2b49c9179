//! The task that owns the proxy: takes orders one by one, notices its end, starts it again.

use super::process::Process;
use crate::client::Client;
use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::guard::Made;
use crate::labels::Owner;
use crate::network::{self, Reach};
use crate::spec::{ContainerLimits, ContainerSpec, Role};
use shipstack_egress::wire::{Answer, Order};
use shipstack_types::{Clock, EgressHost, WorkerId};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// What the task is asked.
pub(super) enum Ask {
    /// Be there.
    Ensure { image: String, reply: oneshot::Sender<Result<Running, EngineError>> },
    /// Carry out an order.
    Order { order: Order, reply: oneshot::Sender<Result<Answer, EngineError>> },
    /// End, and leave nothing.
    ShutDown { reply: oneshot::Sender<()> },
}

/// Which run of the proxy it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) container: String,
}

pub(super) struct Task {
    client: Client,
    installation: String,
    worker: WorkerId,
    clock: Arc<dyn Clock>,
    runtime: Option<String>,
    arguments: Vec<String>,
    image: Option<String>,
    process: Option<Process>,
    uplink: Option<String>,
    running: watch::Sender<Option<Running>>,
    tell: Tell,
}

/// Where the proxy's refusals are told.
pub(super) type Tell = broadcast::Sender<(IpAddr, EgressHost)>;

impl Task {
    pub(super) fn new(
        client: Client,
        config: &EngineConfig,
        (running, tell): (watch::Sender<Option<Running>>, Tell),
    ) -> Self {
        let list = |name: &str, list: String| [name.to_owned(), list];
        let allow = list("--allow-private", config.egress_allow_private.clone().into());
        let only = list("--only", config.egress_only.clone().into());
        Self {
            client,
            installation: config.installation.clone(),
            worker: config.worker.clone(),
            clock: Arc::clone(&config.clock),
            runtime: config.runtime.clone(),
            arguments: allow.into_iter().chain(only).collect(),
            image: None,
            process: None,
            uplink: None,
            running,
            tell,
        }
    }

    /// Serves until the engine is dropped or shut down.
    pub(super) async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        loop {
            tokio::select! {
                ask = asked.recv() => match ask {
                    Some(Ask::ShutDown { reply }) => {
                        self.clear().await;
                        let _ = reply.send(());
                    }
                    Some(ask) => self.carry_out(ask).await,
                    None => return self.clear().await,
                },
                () = ended(self.process.as_mut()) => self.start_again().await,
            }
        }
    }

    async fn carry_out(&mut self, ask: Ask) {
        match ask {
            Ask::Ensure { image, reply } => {
                let _ = reply.send(self.ensure(image).await);
            }
            Ask::Order { order, reply } => {
                let _ = reply.send(self.order(&order).await);
            }
            Ask::ShutDown { .. } => {}
        }
    }

    /// Warm for the next build; when that fails, the next build tries and says why.
    async fn start_again(&mut self) {
        self.forget();
        tracing::warn!(worker.id = %self.worker, "the egress proxy has ended; it is started again");
        if let Some(image) = self.image.clone()
            && let Err(error) = self.ensure(image).await
        {
            tracing::error!(%error, worker.id = %self.worker, "the egress proxy does not start");
        }
    }

    async fn ensure(&mut self, image: String) -> Result<Running, EngineError> {
        if let Some(running) = self.running.borrow().clone() {
            return Ok(running);
        }
        self.image = Some(image.clone());
        let (installation, worker) = (self.installation.clone(), self.worker.clone());
        let owner = Owner { installation, worker, created: self.clock.now(), claim: None };
        let uplink = match self.uplink.clone() {
            Some(uplink) => uplink,
            None => network::create(&self.client, &owner, Reach::Outside).await?,
        };
        self.uplink = Some(uplink.clone());
        let spec = ContainerSpec {
            owner,
            image,
            runtime: self.runtime.clone(),
            network: Some(uplink),
            limits: ContainerLimits::EGRESS,
            role: Role::Egress { arguments: self.arguments.clone() },
        };
        let process = Process::start(&self.client, &spec, self.tell.clone()).await?;
        let running = Running { container: process.container.clone() };
        self.process = Some(process);
        self.running.send_replace(Some(running.clone()));
        Ok(running)
    }

    async fn order(&mut self, order: &Order) -> Result<Answer, EngineError> {
        let Some(process) = self.process.as_mut() else {
            return Err(EngineError::EgressLost { why: "it does not run".to_owned() });
        };
        let answer = process.order(order).await;
        if answer.is_err() {
            // Out of step: its next word might answer this order. Without its input it ends.
            self.forget();
        }
        answer
    }

    fn forget(&mut self) {
        self.process = None;
        self.running.send_replace(None);
    }

    async fn clear(&mut self) {
        let container = self.process.as_ref().map(|process| process.container.clone());
        self.forget();
        let made = Made { container, network: self.uplink.take(), volume: None };
        if let Err(error) = made.remove(&self.client).await {
            tracing::error!(%error, worker.id = %self.worker, "the egress proxy left something behind");
        }
    }
}

async fn ended(process: Option<&mut Process>) {
    match process {
        Some(process) => process.ended().await,
        None => std::future::pending().await,
    }
}
