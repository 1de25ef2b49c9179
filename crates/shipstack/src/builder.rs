//! `shipstack builder make`: the image that builds run in, without a container registry.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use tokio::process::Command;

use crate::Exit;

/// What the image of this release carries.
pub(crate) const VERSIONS: &str = include_str!("../../../deploy/builder/versions");

/// `deploy/builder/`, as it was when this program was built.
const FILES: [(&str, &str); 4] = [
    ("make.sh", include_str!("../../../deploy/builder/make.sh")),
    ("tools.sh", include_str!("../../../deploy/builder/tools.sh")),
    ("trim.sh", include_str!("../../../deploy/builder/trim.sh")),
    ("versions", VERSIONS),
];
const EGRESS: &str = "shipstack-egress";

/// What is done with the image.
#[derive(Subcommand, Debug)]
pub(crate) enum BuilderCommand {
    /// Make it from Debian's and npm's packages; needs root, debootstrap, npm and docker
    Make {
        /// Name of the image
        #[arg(default_value = shipstack_engine::DEFAULT_IMAGE)]
        tag: String,
    },
}

pub(crate) async fn run(command: &BuilderCommand) -> anyhow::Result<Exit> {
    let BuilderCommand::Make { tag } = command;
    let egress = egress_beside_us()?;
    let folder = tempfile::tempdir()?;
    for (name, text) in FILES {
        fs::write(folder.path().join(name), text)?;
    }
    let script = folder.path().join("make.sh");
    let mut make = Command::new("sh");
    make.arg(script).arg(tag).env("SHIPSTACK_EGRESS_BINARY", egress).kill_on_drop(true);
    let status = make.status().await.context("cannot start sh")?;
    Ok(if status.success() { Exit::Done } else { Exit::Failed })
}

/// The proxy that is baked into the image is installed beside this program.
fn egress_beside_us() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(EGRESS);
    ensure!(path.is_file(), "{} is not there; install it beside this program", path.display());
    Ok(path)
}
