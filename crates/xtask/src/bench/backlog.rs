//! Thousands of finished sites: queued while no worker runs, drained by one that is started then, and their index rebuilt
//! from the store after Redis was emptied. Memory is looked at when a tenth is done and at the end: what grows with the
//! number of deployments shows. First with a folder as store, then with S3.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};
use shipstack_testkit::archive::Making;
use tokio::task::JoinSet;

use super::figure::{Figure, Print};
use super::services::{Services, Store, end};
use crate::console::say;
use crate::process;

/// Posts at a time.
const CLIENTS: u32 = 8;
const POLL: Duration = Duration::from_millis(250);

pub(crate) async fn measure(print: Print, count: u32) -> Result<()> {
    for store in [Store::Folder, Store::S3] {
        let services = Arc::new(Services::start(store).await?);
        let measured = one(&services, store, count, print).await;
        if let Some(services) = Arc::into_inner(services) {
            services.stop().await?;
        }
        measured?;
    }
    Ok(())
}

async fn one(services: &Arc<Services>, store: Store, count: u32, print: Print) -> Result<()> {
    let began = Instant::now();
    fill(services, count).await?;
    let filled = began.elapsed();
    let mut worker = services.start_worker()?;
    let began = Instant::now();
    until_queued(services, count - count / 10).await?;
    let early = services.memory(&worker)?;
    until_queued(services, 0).await?;
    while services.has_any("uploaded").await? || services.has_any("building").await? {
        tokio::time::sleep(POLL).await;
    }
    let drained = began.elapsed();
    let late = services.memory(&worker)?;
    let failed = services.has_any("failed").await?;
    end(&mut worker).await?;
    let told = json!({
        "name": "backlog", "store": format!("{store:?}"), "deployments": count, "failed": failed,
        "acceptedPerSecond": f64::from(count) / filled.as_secs_f64(),
        "drainedPerSecond": f64::from(count) / drained.as_secs_f64(),
        "memoryMiB": {"uploadService": [early[0], late[0]], "deployWorker": [early[1], late[1]]},
    });
    say(&if print == Print::Json { told.to_string() } else { words(&told) });
    reindex(services, store, print).await
}

/// What a person reads.
fn words(told: &Value) -> String {
    let number = |pointer: &str| told.pointer(pointer).and_then(Value::as_f64).unwrap_or_default();
    let text = |pointer: &str| told.pointer(pointer).map(ToString::to_string).unwrap_or_default();
    format!(
        "{} deployments, {}: {:.0} accepted and {:.0} drained a second, any failed: {}; memory at a tenth and at the end: \
         upload-service {:.0} and {:.0} MiB, deploy-worker {:.0} and {:.0} MiB",
        text("/deployments"),
        text("/store"),
        number("/acceptedPerSecond"),
        number("/drainedPerSecond"),
        text("/failed"),
        number("/memoryMiB/uploadService/0"),
        number("/memoryMiB/uploadService/1"),
        number("/memoryMiB/deployWorker/0"),
        number("/memoryMiB/deployWorker/1"),
    )
}

/// The rival of a folder's reindex reads every file of the records with `cat`. S3 has none: nothing else reads it whole.
async fn reindex(services: &Services, store: Store, print: Print) -> Result<()> {
    let ours = vec![services.reindex().await?.as_secs_f64()];
    let rival = match store {
        Store::Folder => vec![read_all(services).await?],
        Store::S3 => Vec::new(),
    };
    let name = if store == Store::Folder { "reindex, folder" } else { "reindex, S3" };
    Figure { name, ours, rival }.print(print);
    Ok(())
}

async fn read_all(services: &Services) -> Result<f64> {
    let began = Instant::now();
    let script = "find . -name '*.json' -exec cat {} + | wc -c";
    process::output(process::command("sh", &["-c", script]).current_dir(services.folder())).await?;
    Ok(began.elapsed().as_secs_f64())
}

async fn fill(services: &Arc<Services>, count: u32) -> Result<()> {
    let (next, mut clients) = (Arc::new(AtomicU32::new(0)), JoinSet::new());
    for _ in 0..CLIENTS {
        let (services, next) = (Arc::clone(services), Arc::clone(&next));
        clients.spawn(async move {
            loop {
                let number = next.fetch_add(1, SeqCst);
                if number >= count {
                    return Ok::<_, anyhow::Error>(());
                }
                let page = format!("<h1>site {number}</h1>");
                services.accept(Making::default().file("index.html", page.as_bytes()).end()).await?;
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    Ok(())
}

async fn until_queued(services: &Services, at_most: u32) -> Result<()> {
    while services.queued()? > at_most {
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}
