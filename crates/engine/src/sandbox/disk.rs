//! Watches the size of a workspace from inside, under the build's own limits.
//!
//! The build can kill or starve the measurement; three failures in a row count as too large, so that hiding the size
//! is no way around it.

use crate::client::Client;
use crate::exec::capture;
use crate::spec::WORKSPACE;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two measurements; a slow one is followed by twenty times its own length.
const INTERVAL: Duration = Duration::from_secs(10);
const BACK_OFF: u32 = 20;
/// A measurement of ten million files under half a CPU.
const PATIENCE: Duration = Duration::from_mins(2);
const MAX_FAILURES: u32 = 3;
/// Below this the engine's disk is as good as full: other builds and the engine itself need it.
const FREE_FLOOR_BYTES: u64 = 1 << 30;

/// In KiB: every file of the workspace, and those that were removed while a process holds them open. A folder closed by
/// its mode is opened first, for the measurement runs as the build's own user; what still cannot be read is no
/// measurement. (What vanishes while `du` walks is nothing unusual.)
const MEASURE: &str = r#"cd /workspace || exit 1
find . -xdev -type d ! -perm -u=rwx -exec chmod u+rwx {} + 2>/dev/null
used=$(LC_ALL=C du -skx . 2>&1)
case $used in *'ermission denied'*) exit 1 ;; esac
used=$(printf '%s\n' "$used" | tail -n 1)
held=$(find /proc/[0-9]*/fd -maxdepth 1 -lname '/workspace/*(deleted)' -exec stat -L -c '%i %b' {} + 2>/dev/null | sort -u | awk '{ n += $2 } END { print int(n / 2) }')
echo "$((${used%%[!0-9]*} + held))"
"#;

/// Why the watch ended a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DiskBreach {
    /// The workspace; `None` when it could not be measured.
    Workspace(Option<u64>),
    /// The disk of the engine.
    Engine,
}

/// Resolves when a limit is passed, never otherwise.
pub(super) async fn watch(client: &Client, container: &str, limit_bytes: u64) -> DiskBreach {
    let mut failures = 0;
    let mut pause = INTERVAL;
    loop {
        sleep(pause).await;
        let began = Instant::now();
        match measure(client, container).await {
            Some((used, _)) if used > limit_bytes => return DiskBreach::Workspace(Some(used)),
            Some((_, free)) if free < FREE_FLOOR_BYTES => return DiskBreach::Engine,
            Some(_) => failures = 0,
            None => failures += 1,
        }
        if failures == MAX_FAILURES {
            return DiskBreach::Workspace(None);
        }
        pause = INTERVAL.max(began.elapsed() * BACK_OFF);
    }
}

/// Used and free bytes.
async fn measure(client: &Client, container: &str) -> Option<(u64, u64)> {
    let script = format!("{MEASURE}df -Pk {WORKSPACE}");
    let output = capture(client, container, &["/bin/sh", "-c", &script], (4096, PATIENCE)).await.ok()??;
    parse(&output)
}

/// The first word of the first line, and the fourth of the last one, both in KiB.
fn parse(output: &str) -> Option<(u64, u64)> {
    let used: u64 = output.lines().next()?.split_whitespace().next()?.parse().ok()?;
    let free: u64 = output.lines().last()?.split_whitespace().nth(3)?.parse().ok()?;
    Some((used.saturating_mul(1024), free.saturating_mul(1024)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_read_or_counts_as_failed() {
        let good = "52\t/workspace\nFilesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 100 40 60 40% /workspace\n";
        assert_eq!(parse(good), Some((52 * 1024, 60 * 1024)));
        for bad in ["", "killed", "52\t/workspace\n", "sh: du: not found\n/dev/vda 1 2 3 4% /"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
