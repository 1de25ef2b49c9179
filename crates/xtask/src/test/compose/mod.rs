//! `deploy/compose.yaml` as a stranger would run it: started, deployed through over HTTPS and HTTP/2, restarted, and its
//! backup put onto an empty installation.
//!
//! Guarantees: images, containers, networks and volumes are this run's own and gone when it ends, however it ends.

mod backup;
mod client;
mod images;
mod project;
mod sites;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Result;

use crate::console::say;
use crate::machine::{self, Docker};
use images::Images;
use project::Project;
use sites::Sites;

/// Names that no resolver knows; the client is told where they are.
const API_HOST: &str = "api.shipstack.test";
const SITES_DOMAIN: &str = "shipstack-sites.test";
/// What people ask, and would notice.
const FACING_PEOPLE: [&str; 2] = ["request-service", "upload-service"];

/// What the platform is started with.
pub(super) struct Machine<'a> {
    pub(super) docker: &'a Docker,
    pub(super) weed: &'a Path,
    /// What builds need on this network.
    pub(super) environment: &'a [(&'static str, String)],
}

/// Runs the whole story.
pub(super) async fn run(machine: &Machine<'_>) -> Result<()> {
    let started = Instant::now();
    let told = |what: &str| say(&format!("{:>5.1} s  {what}", started.elapsed().as_secs_f64()));
    let caddy = machine::ensure_caddy().await?;
    let images = Images::make(machine, &caddy).await?;
    told("images");
    let mut project = Project::new(machine, &images)?;
    project.up().await?;
    told("up");
    let sites = Sites::deploy(&project.client().await?).await?;
    told("deployed over HTTPS and HTTP/2: an archive, and a project built in a container");
    let asked = replace_under_visitors(&project, &sites).await?;
    told(&format!("services replaced, none of {asked} requests meanwhile failed"));
    project.compose(&["restart"]).await?;
    sites.ensure_unchanged(&project.client().await?).await?;
    told("restarted; the sites are the same");
    let backup = backup::take(&mut project).await?;
    project.remove().await?;
    backup::put_back(&mut project, &backup).await?;
    let client = project.client().await?;
    sites.ensure_known(&client).await?;
    sites.ensure_unchanged(&client).await?;
    told("restored onto an empty installation; the sites are the same, byte for byte");
    project.remove().await
}

/// Replaces one process after the other, as an upgrade does, while somebody asks without a pause. Answers how often.
async fn replace_under_visitors(project: &Project, sites: &Sites) -> Result<u32> {
    let client = project.client().await?;
    let mut asked = 0;
    for service in FACING_PEOPLE {
        let replaced = AtomicBool::new(false);
        let replace = async {
            let outcome = project.compose(&["up", "-d", "--force-recreate", "--no-deps", service]).await;
            replaced.store(true, Ordering::SeqCst);
            outcome
        };
        let ask = async {
            // The last round begins when the new process may just have begun.
            let mut last = false;
            while !last {
                last = replaced.load(Ordering::SeqCst);
                asked += sites.ensure_same_now(&client).await?;
                client.ensure_ready().await?;
                asked += 1;
            }
            Ok(())
        };
        tokio::try_join!(replace, ask)?;
    }
    Ok(asked)
}
