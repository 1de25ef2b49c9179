//! What an operator must know of the server (promise 13).

use super::key::Key;
use super::link::Link;
use crate::{StateError, Warning};
use shipstack_types::{QueueName, Timestamp};

const OPERATION: &str = "check Redis";
/// `BLMOVE` and `LPOS` came with it.
const OLDEST: (u32, u32) = (6, 2);

pub(super) async fn check(link: &Link, prefix: &str) -> Result<Vec<Warning>, StateError> {
    let info: String = link.send(OPERATION, &redis::cmd("INFO")).await?;
    let mut warnings = judge(&info, saves(link).await);
    warnings.extend(wrong_types(link, prefix).await?);
    Ok(warnings)
}

/// The server's own name for the time since it was started. What it accepted in its last second before may be gone
/// (`appendfsync everysec`, a failover), and nothing in it says so.
pub(super) async fn run(link: &Link) -> Result<String, StateError> {
    let mut cmd = redis::cmd("INFO");
    cmd.arg("server");
    let info: String = link.send(OPERATION, &cmd).await?;
    Ok(field(&info, "run_id").to_owned())
}

/// When the server was started, by its own clock, which tells it to the second: a second too late, never too early.
pub(super) async fn up_since(link: &Link) -> Result<Timestamp, StateError> {
    let mut cmd = redis::cmd("INFO");
    cmd.arg("server");
    let info: String = link.send(OPERATION, &cmd).await?;
    let up: u64 = field(&info, "uptime_in_seconds").parse().unwrap_or_default();
    let (now, _micros): (u64, u64) = link.send(OPERATION, &redis::cmd("TIME")).await?;
    Ok(Timestamp::from_millis(now.saturating_sub(up).saturating_add(1).saturating_mul(1000)))
}

fn field<'a>(info: &'a str, name: &str) -> &'a str {
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim()
}

/// Whether snapshots are taken; hosted servers do not say, and then they are believed to.
async fn saves(link: &Link) -> bool {
    let mut cmd = redis::cmd("CONFIG");
    cmd.arg("GET").arg("save");
    match link.send::<Vec<String>>(OPERATION, &cmd).await {
        Ok(answer) => answer.get(1).is_none_or(|save| !save.is_empty()),
        Err(_) => true,
    }
}

fn judge(info: &str, saves: bool) -> Vec<Warning> {
    let field = |name: &str| field(info, name).to_owned();
    let mut warnings = Vec::new();
    let policy = field("maxmemory_policy");
    if !policy.is_empty() && policy != "noeviction" {
        warnings.push(Warning::MayEvict { policy });
    }
    if field("aof_enabled") == "0" && !saves {
        warnings.push(Warning::KeepsNothing);
    }
    if field("role") == "slave" {
        warnings.push(Warning::ReadOnly);
    }
    let version = field("redis_version");
    if is_older(&version) {
        warnings.push(Warning::TooOld { version });
    }
    warnings
}

fn is_older(version: &str) -> bool {
    let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
    let found = (parts.next(), parts.next());
    matches!(found, (Some(major), Some(minor)) if (major, minor) < OLDEST)
}

async fn wrong_types(link: &Link, prefix: &str) -> Result<Vec<Warning>, StateError> {
    let expected = [
        (Key::Queue(QueueName::Build), "list"),
        (Key::Queue(QueueName::Intake), "list"),
        (Key::Status, "hash"),
    ];
    let mut warnings = Vec::new();
    for (key, kind) in expected {
        let key = key.under(prefix);
        let mut cmd = redis::cmd("TYPE");
        cmd.arg(&key);
        let found: String = link.send(OPERATION, &cmd).await?;
        if found != kind && found != "none" {
            warnings.push(Warning::WrongType { key });
        }
    }
    Ok(warnings)
}
