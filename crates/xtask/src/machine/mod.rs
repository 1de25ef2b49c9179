//! The machine a task runs on: what is there, what may be installed, which servers run.

mod builder_image;
mod cache;
mod caddy;
mod cargo_fuzz;
mod closed_network;
mod docker;
mod dockerd;
mod hold;
mod install;
mod kubernetes_validate;
mod python;
mod schemathesis;
mod seaweed;

pub(crate) use builder_image::{BUILDER_IMAGE, ensure_builder_image};
pub(crate) use cache::cache_folder;
pub(crate) use caddy::ensure_caddy;
pub(crate) use cargo_fuzz::ensure_cargo_fuzz;
pub(crate) use closed_network::closed_network_settings;
pub(crate) use docker::{Docker, OwnEngine};
pub(crate) use hold::Hold;
pub(crate) use install::{Consent, Need, ensure_tools};
pub(crate) use kubernetes_validate::ensure_kubernetes_validate;
pub(crate) use schemathesis::ensure_schemathesis;
pub(crate) use seaweed::ensure_weed;
