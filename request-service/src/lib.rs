//! Serves deployments by host name, straight from manifest and store (serving.md).
//!
//! **For**: visitors. One request is a pipeline (`visit`): limits, host, method, route, site, answer, bytes.
//! **Guarantees**: writes nothing; learns from the store alone, so that it needs neither Redis nor workers nor Docker; an answer is
//! exact in length or broken off; a store that is away is a 503, never another page, and nothing of it is remembered.
//! **Is not**: the place of any rule about files, headers or hosts: those are `shipstack-rules`.

mod app;
mod config;
mod contents;
mod health;
mod legacy;
mod limits;
mod pages;
mod refusal;
mod respond;
mod server;
mod service;
mod sites;
mod tls_ask;
mod visit;

pub use config::{Config, Standalone};
pub use service::Service;
