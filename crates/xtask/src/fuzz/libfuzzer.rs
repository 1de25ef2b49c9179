//! One target under libFuzzer.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::cargo::{program, root};
use crate::console::complain;
use crate::process::{self, Group};

/// Lines of the end of a log that are shown with a finding.
const SHOWN: usize = 30;

/// Which targets are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    All,
    /// Those that need no client of an outside system.
    Pure,
}

/// How libFuzzer is asked.
pub(crate) struct Fuzzer {
    cargo_fuzz: PathBuf,
    set: Set,
    /// Builds, the growing corpora, logs and findings; not in the checkout.
    folder: PathBuf,
}

/// What a run told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) executions: u64,
    pub(crate) new_inputs: u64,
    pub(crate) coverage: u64,
    /// The input that broke what has to hold.
    pub(crate) finding: Option<PathBuf>,
}

impl Fuzzer {
    pub(crate) fn new(cargo_fuzz: PathBuf, set: Set) -> Result<Self> {
        // Beside the folder of this program's own build.
        let folder = program("")?.parent().context("this program is in no folder")?.join("fuzz");
        Ok(Self { cargo_fuzz, set, folder })
    }

    pub(crate) async fn build(&self) -> Result<()> {
        process::run(&mut self.command("build", &[])).await
    }

    /// The inputs that are committed.
    pub(crate) fn kept(target: &str) -> PathBuf {
        root().join("crates/fuzz/corpus").join(target)
    }

    /// The inputs that all runs on this machine gathered.
    pub(crate) fn gathered(&self, target: &str) -> Result<PathBuf> {
        self.subfolder("corpus", target)
    }

    pub(crate) async fn run(&self, target: &str, time: Duration) -> Result<Told> {
        let findings = self.subfolder("findings", target)?;
        let before = files(&findings)?;
        let (gathered, kept) = (self.gathered(target)?, Self::kept(target));
        let scratch = tempfile::tempdir()?;
        let mut command = self.command("run", &[target]);
        command.arg(gathered).arg(kept).arg("--");
        command.arg(format!("-max_total_time={}", time.as_secs().max(1)));
        command.arg(format!("-artifact_prefix={}/", findings.display()));
        command.args(["-timeout=20", "-rss_limit_mb=4096", "-max_len=8192", "-print_final_stats=1"]);
        let log = self.subfolder("logs", target)?.join("last");
        let status = self.logged(command.env("TMPDIR", scratch.path()), &log).await?;
        let mut told = told(&String::from_utf8_lossy(&fs::read(&log)?));
        if !status.success() {
            // A slow input is told and is no finding; the run goes on after it.
            let new = files(&findings)?.into_iter().find(|file| !before.contains(file) && !is_slow(file));
            show_end(&log)?;
            let Some(new) = new else { bail!("{target} ended with {status}: {}", log.display()) };
            told.finding = Some(new);
        }
        Ok(told)
    }

    /// The inputs of both corpora that are needed to reach what they reach, smallest first.
    pub(crate) async fn merge(&self, target: &str, into: &Path) -> Result<()> {
        let mut command = self.command("run", &[target]);
        command.arg(into).arg(Self::kept(target)).arg(self.gathered(target)?).args(["--", "-merge=1"]);
        let log = self.subfolder("logs", target)?.join("merge");
        let status = self.logged(&mut command, &log).await?;
        if !status.success() {
            bail!("merging {target} ended with {status}: {}", log.display());
        }
        Ok(())
    }

    async fn logged(&self, command: &mut Command, log: &Path) -> Result<std::process::ExitStatus> {
        Group::start(command.stdout(Stdio::null()).stderr(File::create(log)?))?.wait().await
    }

    fn command(&self, verb: &str, arguments: &[&str]) -> Command {
        let mut command =
            process::command(&self.cargo_fuzz.to_string_lossy(), &[verb, "--sanitizer", "none"]);
        command.arg("--fuzz-dir").arg(root().join("crates/fuzz/libfuzzer"));
        command.arg("--target-dir").arg(&self.folder);
        if self.set == Set::Pure {
            command.arg("--no-default-features");
        }
        command.args(arguments);
        // Coverage is behind a flag that only a nightly compiler takes by itself.
        command.env("RUSTC_BOOTSTRAP", "1").current_dir(root());
        command
    }

    fn subfolder(&self, kind: &str, target: &str) -> Result<PathBuf> {
        let folder = self.folder.join(kind).join(target);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }
}

/// The files of a folder, smallest first.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        files.push((entry.metadata()?.len(), entry.path()));
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

fn is_slow(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("slow-unit-"))
}

/// The figures of a log: those of its end, and the coverage of the last line that names one.
fn told(log: &str) -> Told {
    let figure = |name: &str| {
        let line = log.lines().rev().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse().ok()).unwrap_or_default()
    };
    let coverage = log.lines().rev().find_map(|line| line.split_once("cov: ")?.1.split(' ').next());
    Told {
        executions: figure("stat::number_of_executed_units:"),
        new_inputs: figure("stat::new_units_added:"),
        coverage: coverage.and_then(|figure| figure.parse().ok()).unwrap_or_default(),
        finding: None,
    }
}

fn show_end(log: &Path) -> Result<()> {
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    complain(&lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default().join("\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_a_log_are_those_of_its_end() {
        let log = "#2\tINITED cov: 10 ft: 11 corp: 1/1b\n#9\tNEW    cov: 25 ft: 30 corp: 2/9b\n\
                   stat::number_of_executed_units: 12345\nstat::new_units_added:          7\n";
        let told = told(log);
        assert_eq!((told.executions, told.new_inputs, told.coverage), (12345, 7, 25));
    }
}
