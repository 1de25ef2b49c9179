//! The warm egress proxy of a worker: one container, steered over its standard input, in the networks of all builds.
//!
//! Guarantees: it is there before a build is let in, and started again when it has gone; a build that was let in by an
//! earlier one learns that its proxy is gone and not that its project is bad; it ends with this process, however that
//! ends, for its input does.

mod process;
mod task;

use crate::client::Client;
use crate::config::EngineConfig;
use crate::error::EngineError;
use bollard::models::{NetworkConnectRequest, NetworkDisconnectRequest};
use shipstack_egress::wire::{Account, Answer, Order, Refused, Terms};
use shipstack_types::{EgressHost, EgressReceipt};
use std::net::IpAddr;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub(crate) use task::Running;
use task::{Ask, Task};

/// Orders are answered in microseconds; a queue of this length means that the proxy hangs, and senders wait.
const QUEUE: usize = 64;

/// Refusals that wait for a build that reads them slowly; it finds the others in its receipt.
const TOLD: usize = 256;

/// The way to the proxy's task.
#[derive(Debug)]
pub(crate) struct Egress {
    client: Client,
    ask: mpsc::Sender<Ask>,
    running: watch::Receiver<Option<Running>>,
    told: broadcast::Sender<(IpAddr, EgressHost)>,
}

/// A build's place at the proxy.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    /// Where the build finds the proxy.
    pub(crate) address: IpAddr,
    network: String,
    proxy: Running,
}

impl Egress {
    pub(crate) fn new(client: Client, config: &EngineConfig) -> Self {
        let (ask, asked) = mpsc::channel(QUEUE);
        let (tell, running) = watch::channel(None);
        let (told, _) = broadcast::channel(TOLD);
        tokio::spawn(Task::new(client.clone(), config, (tell, told.clone())).run(asked));
        Self { client, ask, running, told }
    }

    /// Starts the proxy when it does not run.
    pub(crate) async fn ensure(&self, image: &str) -> Result<Running, EngineError> {
        self.ask(|reply| Ask::Ensure { image: image.to_owned(), reply }).await?
    }

    /// What the proxy refuses any build from now on.
    pub(crate) fn refusals(&self) -> broadcast::Receiver<(IpAddr, EgressHost)> {
        self.told.subscribe()
    }

    /// Puts the proxy into a build's network and opens an account for it.
    pub(crate) async fn admit(
        &self,
        image: &str,
        network: &str,
        terms: Terms,
    ) -> Result<Admitted, EngineError> {
        let proxy = self.ensure(image).await?;
        let doing = "connect the proxy";
        let request = NetworkConnectRequest { container: proxy.container.clone(), endpoint_config: None };
        let connected = self.client.quick.connect_network(network, request).await;
        connected.map_err(|error| EngineError::of(doing, error))?;
        let address = self.address_in(network, &proxy).await?;
        match self.order(Order::Open { address, terms }).await? {
            Answer::Opened(_) => Ok(Admitted { address, network: network.to_owned(), proxy }),
            other => Err(odd(&other)),
        }
    }

    /// Cuts a build off from the network; its account goes on.
    pub(crate) async fn shut(&self, admitted: &Admitted) -> Result<(), EngineError> {
        match self.order_for(admitted, Order::Shut(admitted.address)).await? {
            Answer::Shut(_) => Ok(()),
            other => Err(odd(&other)),
        }
    }

    async fn address_in(&self, network: &str, proxy: &Running) -> Result<IpAddr, EngineError> {
        let inspected = self.client.quick.inspect_container(&proxy.container, None).await;
        let inspected = inspected.map_err(|error| EngineError::of("find the proxy's address", error))?;
        let endpoints = inspected.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        let endpoint =
            endpoints.into_values().find(|endpoint| endpoint.network_id.as_deref() == Some(network));
        let address = endpoint.and_then(|endpoint| endpoint.ip_address).and_then(|text| text.parse().ok());
        address.ok_or_else(|| EngineError::EgressLost {
            why: "it got no address in the build's network".to_owned(),
        })
    }

    /// Whether the proxy that let a build in is still the one that runs.
    pub(crate) fn is_same(&self, admitted: &Admitted) -> bool {
        self.running.borrow().as_ref() == Some(&admitted.proxy)
    }

    /// What a build did so far.
    pub(crate) async fn receipt(&self, admitted: &Admitted) -> Result<EgressReceipt, EngineError> {
        self.account(admitted, Order::Read(admitted.address)).await
    }

    /// Closes a build's account and takes the proxy out of its network.
    pub(crate) async fn dismiss(&self, admitted: &Admitted) -> Result<EgressReceipt, EngineError> {
        let receipt = self.account(admitted, Order::Close(admitted.address)).await;
        let container = admitted.proxy.container.clone();
        let request = NetworkDisconnectRequest { container, force: Some(true) };
        if let Err(error) = self.client.quick.disconnect_network(&admitted.network, request).await {
            tracing::debug!(%error, "the proxy was not in the network any more");
        }
        receipt
    }

    async fn account(&self, admitted: &Admitted, order: Order) -> Result<EgressReceipt, EngineError> {
        match self.order_for(admitted, order).await? {
            Answer::Account(account) => Ok(receipt_of(account)),
            other => Err(odd(&other)),
        }
    }

    /// An order about a build, to the proxy that let it in.
    async fn order_for(&self, admitted: &Admitted, order: Order) -> Result<Answer, EngineError> {
        if !self.is_same(admitted) {
            return Err(EngineError::EgressLost { why: "the proxy was started anew".to_owned() });
        }
        self.order(order).await
    }

    /// Ends the proxy and removes its network.
    pub(crate) async fn shut_down(&self) {
        let _ = self.ask(|reply| Ask::ShutDown { reply }).await;
    }

    async fn order(&self, order: Order) -> Result<Answer, EngineError> {
        self.ask(|reply| Ask::Order { order, reply }).await?
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, EngineError> {
        let gone = || EngineError::EgressLost { why: "its task has ended".to_owned() };
        let (reply, answer) = oneshot::channel();
        self.ask.send(ask(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

fn odd(answer: &Answer) -> EngineError {
    EngineError::EgressLost { why: format!("an odd answer: {answer:?}") }
}

fn receipt_of(account: Account) -> EgressReceipt {
    let allowed = account.hosts.into_iter().map(|traffic| EgressHost {
        host: traffic.host,
        port: traffic.port,
        sent: traffic.bytes_up,
        received: traffic.bytes_down,
        requests: traffic.connections,
        reason: None,
    });
    let refused = account.refused.into_iter().map(refused);
    EgressReceipt {
        network: None,
        allowed: allowed.collect(),
        refused: refused.collect(),
        unnamed: account.unnamed,
    }
}

fn refused(refused: Refused) -> EgressHost {
    EgressHost {
        host: refused.host,
        port: refused.port,
        sent: 0,
        received: 0,
        requests: refused.requests,
        reason: Some(refused.reason),
    }
}
