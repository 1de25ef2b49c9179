//! Cases that are an entry of the queue each.

use super::catalogue::{bytes, cases, expand};
use crate::platform::Platform;
use crate::redis_cli::{address, redis_cli};
use serde::Deserialize;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    row: u16,
    name: String,
    payload: String,
    /// `dead letter`, or the code of the failure.
    ends: String,
}

/// Pushes every entry of the file and waits for what becomes of it; answers how many there were.
pub(crate) async fn run(platform: &Platform) -> usize {
    let cases: Vec<Case> = cases("queue.toml");
    for case in &cases {
        let letters = dead_letters(platform);
        push(platform, &bytes(&expand(&case.payload)));
        let what = format!("row {} ({})", case.row, case.name);
        if case.ends == "dead letter" {
            platform.until(PATIENCE, &what, || async { dead_letters(platform) == letters + 1 }).await;
        } else {
            let failure = platform.failure(&case.payload).await;
            assert_eq!(failure["code"], case.ends.as_str(), "{what}");
        }
    }
    cases.len()
}

fn dead_letters(platform: &Platform) -> u32 {
    redis_cli(platform, &["LLEN", "dead-letters"]).parse().expect("a length")
}

/// The payload as standard input, for an argument holds no zero byte.
fn push(platform: &Platform, payload: &[u8]) {
    let url = platform.redis.as_ref().unwrap().url();
    let mut client = Command::new("redis-cli")
        .args(address(&url))
        .args(["-x", "LPUSH", "build-queue"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(payload).unwrap();
    assert!(client.wait().unwrap().success());
}
