//! Deployments through a real Docker Engine.

mod classic;
mod codes;
mod documents;
mod faults;
mod projects;
