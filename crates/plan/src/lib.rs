//! Decides what to build: reads a source tree as data, returns a [`BuildPlan`](shipstack_types::BuildPlan) as data (build.md §1).
//!
//! **For**: deploy-worker, before a container exists; tests, which hold one snapshot per kind of project.
//! **Guarantees**: pure and bounded: no I/O, no clock, no panic on any bytes; everything read out of a project is data for the
//! sandbox, and every refusal names the file, or the setting to change. Equal trees and options give equal plans.
//! **Is not**: a runner, and no judge of whether a build will succeed.

mod decide;
mod describe;
mod fail;
mod framework;
mod inventory;
mod manager;
mod node;
mod output;
mod package_json;
mod project;
mod range;
mod reads;
mod server_app;
mod shipstack_toml;
mod static_site;
mod version;

pub use decide::{decide, prebuilt};
pub use describe::describe;
pub use framework::{Detect, PRESETS, Preset};
pub use inventory::{DEFAULT_NODE, TOOL_VARIABLES, ToolInventory};
pub use node::has_node;
pub use reads::reads;
pub use shipstack_toml::site_rules;
pub use version::{InvalidVersion, Version};
