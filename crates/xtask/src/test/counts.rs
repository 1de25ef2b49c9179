//! Reading libtest's lines: what ran, and on which real servers.

/// What a run of tests came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    /// Ignored, or without its server.
    pub(crate) skipped: u32,
    pub(crate) docker: u32,
    pub(crate) redis: u32,
    pub(crate) s3: u32,
    /// The names of those that failed.
    pub(crate) failures: Vec<String>,
    /// libtest's own closing lines of binaries that had tests.
    pub(crate) results: Vec<String>,
}

impl Counts {
    /// Takes in a line of output.
    pub(crate) fn take(&mut self, line: &str) {
        if let Some((name, verdict)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) {
            self.count(name, verdict);
        } else if line.starts_with("test result: ") && !line.contains(" 0 passed; 0 failed; 0 ignored;") {
            self.results.push(line.to_owned());
        } else if line.starts_with("SKIPPED ") {
            // It returned early, so libtest counted it as passed.
            self.passed = self.passed.saturating_sub(1);
            self.skipped += 1;
        }
    }

    fn count(&mut self, name: &str, verdict: &str) {
        match verdict {
            "ok" => self.passed += 1,
            "FAILED" => {
                self.failed += 1;
                self.failures.push(name.to_owned());
            }
            _ => {
                self.skipped += 1;
                return;
            }
        }
        let on = |server: &str| u32::from(name.split("::").any(|part| part == server));
        self.docker += on("real_docker");
        self.redis += on("real_redis");
        self.s3 += on("real_s3");
    }

    /// The line that ends the output, alone on it.
    pub(crate) fn closing_line(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_by_verdict_and_by_server() {
        let mut counts = Counts::default();
        let output = "
running 6 tests
test real_docker::a_build_ends ... ok
test contract::real_redis::a_lost_worker_gives_its_job_back ... ok
test contract::real_s3::real_redis::both ... FAILED
test slow ... ignored, too slow
test unreal_docker_name ... ok
test panics - should panic ... ok
SKIPPED some::test: redis-server is missing: no such file
test result: FAILED. 4 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.0s";
        output.lines().for_each(|line| counts.take(line));
        assert_eq!(counts.closing_line(), "3 passed, 1 failed, 2 skipped");
        assert_eq!((counts.docker, counts.redis, counts.s3), (1, 2, 1));
        assert_eq!(counts.failures, ["contract::real_s3::real_redis::both"]);
        assert_eq!(counts.results.len(), 1);
    }
}
