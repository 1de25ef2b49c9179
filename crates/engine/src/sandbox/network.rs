//! What a sandbox may do on the network, what it did, and what it is refused while that happens.

use super::Sandbox;
use crate::error::EngineError;
use shipstack_types::{EgressBounds, EgressHost, EgressReceipt, NetworkAccess};
use std::net::IpAddr;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// The refusals of one sandbox as they happen, each host and rule once. Those that are missed in a flood are in the receipt.
#[derive(Debug)]
pub struct Refusals {
    told: Option<(IpAddr, Receiver<(IpAddr, EgressHost)>)>,
}

impl Refusals {
    /// The next one; never for a sandbox without a proxy.
    pub async fn next(&mut self) -> EgressHost {
        if let Some((ours, told)) = &mut self.told {
            loop {
                match told.recv().await {
                    Ok((address, refused)) if address == *ours => return refused,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => break,
                }
            }
        }
        std::future::pending().await
    }
}

impl Sandbox {
    /// The bounds in force; `None` on the engine's bridge, which knows none.
    pub fn egress_bounds(&self) -> Option<&EgressBounds> {
        self.way.bounds()
    }

    /// The refusals from now on.
    pub fn refusals(&self) -> Refusals {
        let told = self.admitted.as_ref();
        Refusals { told: told.map(|admitted| (admitted.address, self.core.egress.refusals())) }
    }

    /// Says that the install has ended: with a network for the install only, everything is cut, also what a process that
    /// the install left behind holds open.
    pub async fn end_install(&self) -> Result<(), EngineError> {
        let install_only =
            self.egress_bounds().is_some_and(|bounds| bounds.network == NetworkAccess::InstallOnly);
        match &self.admitted {
            Some(admitted) if install_only => self.core.egress.shut(admitted).await,
            _ => Ok(()),
        }
    }

    /// What the build asked of the network so far; `None` on the engine's bridge, where nobody keeps account.
    pub async fn egress_receipt(&self) -> Result<Option<EgressReceipt>, EngineError> {
        let Some(bounds) = self.egress_bounds() else { return Ok(None) };
        let account = match &self.admitted {
            Some(admitted) => self.core.egress.receipt(admitted).await?,
            None => EgressReceipt::default(),
        };
        Ok(Some(EgressReceipt { network: Some(bounds.network), ..account }))
    }
}
