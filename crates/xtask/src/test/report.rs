//! What each step took and how it ended.

use std::future::Future;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::counts::Counts;
use crate::console::{complain, say, step};

/// Steps in the order they ran.
#[derive(Debug, Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    /// Why it failed.
    error: Option<String>,
}

impl Report {
    /// Runs a step. A failure is told at once and counted at the end; the steps after it still run.
    pub(crate) async fn step(&mut self, name: &'static str, work: impl Future<Output = Result<()>>) {
        if let Err(error) = self.required(name, work).await {
            complain(&format!("{error:#}"));
        }
    }

    /// Runs a step without which the following ones make no sense.
    pub(crate) async fn required<T>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        step(name);
        let started = Instant::now();
        let outcome = work.await;
        let error = outcome.as_ref().err().map(|error| format!("{error:#}"));
        self.steps.push(Step { name, took: started.elapsed(), error });
        outcome.with_context(|| name)
    }

    /// Says how everything ended. The last line is the tests' alone.
    pub(crate) fn close(&self, counts: &Counts) -> ExitCode {
        step("summary");
        for Step { name, took, error } in &self.steps {
            let verdict = if error.is_none() { "ok" } else { "FAILED" };
            say(&format!("{name:<24} {verdict:<6} {:>8.1} s", took.as_secs_f64()));
        }
        // Told again: a reader may have only the end of the output.
        for Step { name, error, .. } in &self.steps {
            if let Some(error) = error {
                say(&format!("failed: {name}: {}", beginning(error)));
            }
        }
        counts.failures.iter().for_each(|name| say(&format!("failed: {name}")));
        let (docker, redis, s3) = (counts.docker, counts.redis, counts.s3);
        say(&format!("on real servers: {docker} tests on Docker, {redis} on Redis, {s3} on S3"));
        counts.results.iter().for_each(|line| say(line));
        say(&counts.closing_line());
        let good =
            self.steps.iter().all(|step| step.error.is_none()) && counts.failed == 0 && counts.passed > 0;
        if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Errors may carry whole logs.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(2000).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}
