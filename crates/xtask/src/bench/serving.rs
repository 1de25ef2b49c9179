//! How late the slowest visitors get their page while every build slot burns what it may, against an idle machine.
//! Round by round: idle, busy.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use shipstack_testkit::archive::Making;
use tokio::task::JoinSet;

use super::figure::{Figure, Print};
use super::platform::Platform;

const SLOTS: usize = 2;
const VISITORS: usize = 4;
const ROUND: Duration = Duration::from_secs(10);
/// Between two visits of one visitor: what is measured is waiting, not how much a client can ask for.
const THINKING: Duration = Duration::from_millis(5);
/// Keeps as many processors busy as it is given, for longer than a round.
const BURNING: &str = r#"import { Worker } from "node:worker_threads";
import { mkdirSync, writeFileSync } from "node:fs";
const burn = "const end = Date.now() + 14000; while (Date.now() < end);";
for (let n = 0; n < 2; n += 1) new Worker(burn, { eval: true });
mkdirSync("dist", { recursive: true });
writeFileSync("dist/index.html", "<h1>burnt</h1>");
"#;

pub(crate) async fn measure(print: Print, rounds: usize) -> Result<()> {
    let platform = Platform::start(&[("SHIPSTACK_BUILD_SLOTS", "2")]).await?;
    let measured = samples(&platform, rounds).await;
    platform.stop().await?;
    measured?.print(print);
    Ok(())
}

async fn samples(platform: &Platform, rounds: usize) -> Result<Figure<'static>> {
    let site = Making::default().file("index.html", &[b'x'; 16 << 10]).end();
    let site = platform.deploy(site).await?;
    let id = site.get("id").and_then(Value::as_str).context("no id")?;
    let mut figure = Figure { name: "serving p99, slots busy", ours: Vec::new(), rival: Vec::new() };
    platform.deploy(burner()).await?;
    visits(platform, id).await?;
    for _ in 0..rounds {
        figure.rival.push(visits(platform, id).await?);
        let builds = begin_builds(platform).await?;
        figure.ours.push(visits(platform, id).await?);
        for build in &builds {
            ensure!(phase(platform, build).await? == "building", "a build ended within the round");
        }
        for build in &builds {
            while phase(platform, build).await? != "deployed" {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    Ok(figure)
}

/// Fills every slot, and waits until all burn.
async fn begin_builds(platform: &Platform) -> Result<Vec<String>> {
    let mut builds = Vec::new();
    for _ in 0..SLOTS {
        builds.push(platform.accept(burner()).await?);
    }
    for build in &builds {
        while phase(platform, build).await? != "building" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(builds)
}

/// Its phase, or how it ended.
async fn phase(platform: &Platform, id: &str) -> Result<String> {
    let deployment = platform.deployment(id).await?;
    let word = |name: &str| deployment.get(name).and_then(Value::as_str).map(str::to_owned);
    let status = word("status").context("no status")?;
    ensure!(!matches!(status.as_str(), "failed" | "cancelled"), "{id} ended as {status}");
    Ok(word("phase").filter(|_| status == "building").unwrap_or(status))
}

/// Seconds that all but one in a hundred visits stay under.
async fn visits(platform: &Platform, id: &str) -> Result<f64> {
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let request = client.get(format!("{}/", platform.sites())).header("host", format!("{id}.localhost"));
        let request = request.build()?;
        visitors.spawn(async move {
            let (began, mut took) = (Instant::now(), Vec::new());
            while began.elapsed() < ROUND {
                let again = request.try_clone().context("a request without a body")?;
                let asked = Instant::now();
                let answer = client.execute(again).await?.error_for_status()?;
                ensure!(answer.bytes().await?.len() == 16 << 10, "a page came cut");
                took.push(asked.elapsed().as_secs_f64());
                tokio::time::sleep(THINKING).await;
            }
            Ok(took)
        });
    }
    let mut took = Vec::new();
    while let Some(visitor) = visitors.join_next().await {
        took.extend(visitor??);
    }
    took.sort_by(f64::total_cmp);
    took.get(took.len() * 99 / 100).copied().context("no visit")
}

fn burner() -> Vec<u8> {
    let package = br#"{"name":"burner","private":true,"scripts":{"build":"node build.mjs"}}"#;
    Making::default().file("package.json", package).file("build.mjs", BURNING.as_bytes()).end()
}
