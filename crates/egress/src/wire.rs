//! What worker and proxy say to each other: one JSON object a line, orders in, answers out, in order.

use serde::{Deserialize, Serialize};
use shipstack_types::{EgressRefusal, HostAllowList};
use std::net::IpAddr;

/// The port that the proxy listens on inside its container, on every address.
pub const PORT: u16 = 3128;

/// What the worker orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Order {
    /// Serve connections that come in on this local address on these terms, with an empty account.
    Open {
        /// The address.
        address: IpAddr,
        /// The terms.
        terms: Terms,
    },
    /// Cut what is open on this address and refuse what is asked there from now on; its account goes on.
    Shut(IpAddr),
    /// Tell the account of this address and go on serving.
    Read(IpAddr),
    /// Cut what is open on this address, tell its account, serve it no longer.
    Close(IpAddr),
}

/// What one build may do, beside the rules for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// The only hosts. A port that is named here is not open for that: ports are the operator's.
    pub only: Option<HostAllowList>,
    /// Most bytes to the build.
    pub max_received: Option<u64>,
    /// Most bytes from the build.
    pub max_sent: Option<u64>,
}

/// What the proxy says; each order gets exactly one answer, and a refusal is told when it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// The proxy listens; said once, before any order is read.
    Listening(u16),
    /// The address is served.
    Opened(IpAddr),
    /// Nothing more is carried for the address.
    Shut(IpAddr),
    /// No answer: a build was refused a host for the first time.
    Refused {
        /// The address that it asked.
        address: IpAddr,
        /// What it asked for, and which rule refused it.
        refused: Refused,
    },
    /// The account of an address, after `Read` or `Close`; empty for an address that was never opened.
    Account(Account),
}

/// What one build did on the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Traffic by host and port, sorted; at most [`Account::MAX_HOSTS`].
    pub hosts: Vec<HostTraffic>,
    /// What was refused, sorted; at most [`Account::MAX_HOSTS`].
    pub refused: Vec<Refused>,
    /// Connections to or refusals of hosts beyond the maximum, which are counted and not named.
    pub unnamed: u64,
}

impl Account {
    /// A build that talks to more hosts than this fills a log and no memory.
    pub const MAX_HOSTS: usize = 512;
}

/// Traffic with one host, summed over connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostTraffic {
    /// The host as the build named it, in lower case.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Connections that were made.
    pub connections: u64,
    /// Bytes from the build.
    pub bytes_up: u64,
    /// Bytes to the build.
    pub bytes_down: u64,
}

/// A host that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// The host as the build named it, in lower case.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Which rule.
    pub reason: EgressRefusal,
    /// How often so far.
    pub requests: u64,
}
