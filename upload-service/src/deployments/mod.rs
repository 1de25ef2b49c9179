//! Deployments over v1 (contract §6).

mod accepted;
mod archive;
pub(crate) mod builds;
pub(crate) mod cancel;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod files;
mod git;
pub(crate) mod list;
mod log_form;
mod log_socket;
mod log_tail;
mod logs;
mod node_wish;
mod query;
pub(crate) mod redeploy;
pub(crate) mod show;

pub(crate) use create::refuse_encoded;
pub(crate) use logs::logs;
