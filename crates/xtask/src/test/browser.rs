//! What a person does, in Chromium, on the programs just built: the browser tests of `frontend/e2e`.

use anyhow::{Context as _, Result, bail};

use crate::cargo::program;
use crate::console::say;
use crate::process;

/// Runs them on both shapes and says how many ran. None at all is a failure: everything they need was installed.
pub(super) async fn run(environment: &[(&str, String)]) -> Result<()> {
    let report = tempfile::NamedTempFile::new()?;
    let output = format!("--outputFile.json={}", report.path().display());
    let arguments =
        ["run", "--silent", "e2e", "--", "--reporter=verbose", "--reporter=json", output.as_str()];
    let mut command = crate::frontend::npm_command(&arguments);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.env("SHIPSTACK_BIN", program("shipstack")?);
    let ended = process::run(&mut command).await;
    let ran = Ran::read(&std::fs::read(report.path())?);
    if let Ok(ran) = &ran {
        say(&ran.line());
    }
    ran?.verdict()?;
    ended
}

/// What vitest's report says.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    passed: u64,
    failed: u64,
    skipped: u64,
    /// Which failed, and the first line of why.
    failures: Vec<String>,
}

impl Ran {
    fn read(report: &[u8]) -> Result<Self> {
        let report: serde_json::Value =
            serde_json::from_slice(report).context("the browser tests left no report")?;
        let count = |name: &str| report.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
        Ok(Self {
            passed: count("numPassedTests"),
            failed: count("numFailedTests"),
            skipped: count("numPendingTests"),
            failures: failures(&report),
        })
    }

    fn line(&self) -> String {
        format!("browser tests: {} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }

    fn verdict(&self) -> Result<()> {
        if self.passed == 0 || self.failed > 0 {
            bail!("{}{}", self.line(), self.failures.concat());
        }
        Ok(())
    }
}

fn failures(report: &serde_json::Value) -> Vec<String> {
    let list = |value: &serde_json::Value, name: &str| {
        value.get(name).and_then(serde_json::Value::as_array).cloned().unwrap_or_default()
    };
    let text =
        |value: &serde_json::Value| value.as_str().unwrap_or_default().lines().next().map(str::to_owned);
    let files = list(report, "testResults");
    let whole = files.iter().filter_map(|file| file.get("message").and_then(text));
    let tests = files.iter().flat_map(|file| list(file, "assertionResults"));
    let failed = tests.filter(|test| test.get("status").is_some_and(|status| status == "failed"));
    let named = failed.map(|test| {
        let name = test.get("fullName").and_then(text).unwrap_or_default();
        let why = list(&test, "failureMessages").first().and_then(text).unwrap_or_default();
        format!("{name}: {why}")
    });
    whole.chain(named).map(|line| format!("\n  {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_test_is_a_failure_and_so_is_one_with_a_failed_one() {
        let verdict = |report: &str| Ran::read(report.as_bytes()).and_then(|ran| ran.verdict());
        assert!(verdict(r#"{"numPassedTests":3,"numFailedTests":0,"numPendingTests":1}"#).is_ok());
        assert!(verdict(r#"{"numPassedTests":3,"numFailedTests":1}"#).is_err());
        assert!(verdict(r#"{"numPassedTests":0,"numPendingTests":9}"#).is_err());
        assert!(verdict("").is_err());
        let told = verdict(
            r#"{"numPassedTests":3,"numFailedTests":1,"testResults":[{"assertionResults":[
                {"fullName":"a","status":"passed"},
                {"fullName":"b","status":"failed","failureMessages":["Error: 2\nat c"]}]}]}"#,
        );
        let told = told.unwrap_err().to_string();
        assert!(told.ends_with("0 skipped\n  b: Error: 2"), "{told}");
    }
}
