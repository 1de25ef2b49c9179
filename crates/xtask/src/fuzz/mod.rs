//! `cargo xtask fuzz`: libFuzzer on every parser of strangers' bytes, one after the other.
//!
//! What has to hold is in `crates/fuzz`; the inputs that were kept are replayed by `cargo test`. The compiler is the
//! project's own: coverage is asked of it with `RUSTC_BOOTSTRAP`, so no nightly is needed, and without a sanitizer, since no
//! crate of ours has unsafe code. What it is not: a part of `cargo xtask test`, since it has no end of its own.

mod keep;
mod libfuzzer;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::cargo::root;
use crate::console::{complain, say, step};
use crate::machine;
use libfuzzer::{Fuzzer, Set, Told};

/// What to look at, and for how long.
#[derive(Args, Debug)]
pub(crate) struct FuzzArgs {
    /// Only this target; all of them by default
    target: Option<String>,

    /// Minutes in all, shared evenly by the targets
    #[arg(long, default_value_t = 15.0)]
    minutes: f64,

    /// Only targets that need no client of an outside system: they are built much sooner
    #[arg(long)]
    pure: bool,

    /// Name the targets and end
    #[arg(long)]
    list: bool,

    /// Afterwards add some of the inputs that reached something new to `crates/fuzz/corpus`
    #[arg(long)]
    keep: bool,
}

pub(crate) async fn run(args: &FuzzArgs) -> Result<ExitCode> {
    let set = if args.pure { Set::Pure } else { Set::All };
    let names = targets(set)?;
    if args.list {
        say(&names.join("\n"));
        return Ok(ExitCode::SUCCESS);
    }
    let chosen: Vec<String> =
        names.iter().filter(|name| args.target.as_ref().is_none_or(|only| only == *name)).cloned().collect();
    ensure!(!chosen.is_empty(), "there is no such target; there are: {}", names.join(", "));
    let share = u32::try_from(chosen.len()).context("so many targets")?;
    let each = Duration::try_from_secs_f64(args.minutes * 60.0).context("--minutes")? / share;
    let fuzzer = Fuzzer::new(machine::ensure_cargo_fuzz().await?, set)?;
    step("building the targets");
    fuzzer.build().await?;
    let findings = all(&fuzzer, &chosen, each).await?;
    if args.keep {
        keep::keep(&fuzzer, &chosen).await?;
    }
    Ok(close(&findings))
}

async fn all(fuzzer: &Fuzzer, targets: &[String], each: Duration) -> Result<Vec<PathBuf>> {
    step(&format!("{} targets, {} s each", targets.len(), each.as_secs()));
    let mut findings = Vec::new();
    for target in targets {
        let Told { executions, new_inputs, coverage, finding } = fuzzer.run(target, each).await?;
        let verdict = if finding.is_none() { "ok" } else { "FOUND" };
        say(&format!(
            "{target:<16} {verdict:<6} {executions:>10} runs {coverage:>7} edges {new_inputs:>6} new inputs"
        ));
        findings.extend(finding);
    }
    Ok(findings)
}

/// Where each finding is, last, for a reader who has only the end.
fn close(findings: &[PathBuf]) -> ExitCode {
    for finding in findings {
        complain(&format!("found: {}", finding.display()));
    }
    if findings.is_empty() {
        return ExitCode::SUCCESS;
    }
    complain("With the mend, keep each in crates/fuzz/findings/<target>/: cargo test replays it.");
    ExitCode::FAILURE
}

/// The names of the targets of a set, in the order of the fuzzer's manifest.
fn targets(set: Set) -> Result<Vec<String>> {
    let manifest = root().join("crates/fuzz/libfuzzer/Cargo.toml");
    let text = std::fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
    let targets =
        text.split("[[bin]]").skip(1).filter(|bin| set == Set::All || !bin.contains("required-features"));
    Ok(targets.filter_map(|bin| bin.split('"').nth(1)).map(str::to_owned).collect())
}
