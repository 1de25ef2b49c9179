//! Deployments through a real Docker Engine.

mod classic;
mod codes;
mod faults;
mod projects;
