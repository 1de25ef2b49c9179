//! Deployments through a real Docker Engine.

mod classic;
mod faults;
mod projects;
