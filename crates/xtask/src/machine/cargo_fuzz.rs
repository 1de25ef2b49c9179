//! The driver of libFuzzer, from the package registry into the cache folder.

use std::path::PathBuf;

use anyhow::Result;

use super::cache::cache_folder;
use crate::cargo::cargo;
use crate::console::say;
use crate::process;

const VERSION: &str = "0.13.2";

/// The `cargo-fuzz` program, installed if it is not there. It is only for us, so it goes to nobody's own programs.
pub(crate) async fn ensure_cargo_fuzz() -> Result<PathBuf> {
    let folder = cache_folder()?.join(format!("cargo-fuzz-{VERSION}"));
    let program = folder.join("bin/cargo-fuzz");
    if !program.is_file() {
        say(&format!("installing cargo-fuzz {VERSION}"));
        let root = folder.to_string_lossy();
        let install = ["install", "cargo-fuzz", "--locked", "--version", VERSION, "--root", &root];
        process::run(&mut cargo(&install)).await?;
    }
    Ok(program)
}
