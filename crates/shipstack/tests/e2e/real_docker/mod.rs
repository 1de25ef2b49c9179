//! Deployments through a real Docker Engine.

mod classic;
mod codes;
mod commands;
mod documents;
mod faults;
mod network;
mod projects;
#[cfg(feature = "otlp")]
mod traces;
