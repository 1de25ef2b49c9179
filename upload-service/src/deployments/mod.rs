//! Deployments over v1 (contract §6).

mod archive;
mod create;
mod git;
mod log_form;
mod log_socket;
mod log_tail;
mod logs;
mod query;
mod show;

pub(crate) use create::{create, refuse_encoded};
pub(crate) use logs::logs;
pub(crate) use show::show;
