//! Installing through the egress proxy; the rival is the same install on the engine's open bridge. Pair by pair, so that
//! a slow moment of the registry hits both.

use std::path::Path;

use anyhow::Result;

use super::figure::{Figure, Print};
use super::overhead::seconds_in;
use super::platform::{Platform, tar_of};
use crate::cargo::root;

pub(crate) async fn measure(print: Print, pairs: usize) -> Result<()> {
    let archive = tar_of(&root().join(Path::new("deploy/examples/vite"))).await?;
    let proxied = Platform::start(&[("SHIPSTACK_BUILD_NETWORK", "open")]).await?;
    let bridged = Platform::start(&[("SHIPSTACK_BUILD_NETWORK", "bridge")]).await?;
    let measured = samples(&proxied, &bridged, &archive, pairs).await;
    proxied.stop().await?;
    bridged.stop().await?;
    measured?.print(print);
    Ok(())
}

async fn samples(
    proxied: &Platform,
    bridged: &Platform,
    archive: &[u8],
    pairs: usize,
) -> Result<Figure<'static>> {
    let mut figure = Figure { name: "install", ours: Vec::new(), rival: Vec::new() };
    // The first of each fills the mirror's caches.
    for platform in [proxied, bridged] {
        platform.deploy(archive.to_vec()).await?;
    }
    for pair in 0..pairs {
        // Taking turns at being first: what the last build leaves behind is removed while the next one installs.
        if pair % 2 == 0 {
            figure.ours.push(install(proxied, archive).await?);
            figure.rival.push(install(bridged, archive).await?);
        } else {
            figure.rival.push(install(bridged, archive).await?);
            figure.ours.push(install(proxied, archive).await?);
        }
    }
    Ok(figure)
}

async fn install(platform: &Platform, archive: &[u8]) -> Result<f64> {
    Ok(seconds_in(&platform.deploy(archive.to_vec()).await?, "installing"))
}
