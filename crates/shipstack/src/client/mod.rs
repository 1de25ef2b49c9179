//! Talking to a running shipstack.

mod api;
mod cause;
mod error;
mod follow;
mod lines;
mod one;
mod server;
mod workers;

pub(crate) use api::{Api, ClientArgs};
pub(crate) use error::ApiError;
pub(crate) use follow::follow;
pub(crate) use lines::Lines;
pub(crate) use one::OneArgs;
pub(crate) use server::{START_WORKER, Server, Worker};
pub(crate) use workers::nobody_builds;
