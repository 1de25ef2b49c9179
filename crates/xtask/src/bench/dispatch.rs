//! From push to claim, as `shipstack-state`'s own bench measures it on a Redis of its own.

use anyhow::Result;

use super::figure::Print;
use crate::cargo::cargo;
use crate::console::say;
use crate::machine::{self, Consent, Need};
use crate::process;

pub(crate) async fn measure(print: Print) -> Result<()> {
    machine::ensure_tools(&[Need::SERVERS], Consent::IfHarmless).await?;
    // As everything here is measured: the profile that is tested, which is slower than a release.
    let arguments =
        ["bench", "--package", "shipstack-state", "--bench", "dispatch", "--locked", "--profile", "dev"];
    let output = process::output(&mut cargo(&arguments)).await?;
    for line in output.lines().filter(|line| line.starts_with('{')) {
        say(&if print == Print::Json { line.to_owned() } else { words(line)? });
    }
    Ok(())
}

fn words(line: &str) -> Result<String> {
    let figure: serde_json::Value = serde_json::from_str(line)?;
    let number = |name: &str| figure.get(name).and_then(serde_json::Value::as_f64).unwrap_or_default();
    let name = figure.get("name").and_then(serde_json::Value::as_str).unwrap_or_default();
    Ok(format!(
        "{name:<34} p50 {:.2} ms, p99 {:.2} ms   (LPUSH and BRPOP p99 {:.2} ms, ratio {:.2})",
        number("p50"),
        number("p99"),
        number("rivalP99"),
        number("ratioP99")
    ))
}
