//! The platform's Redis, seen with the public tool.

use crate::platform::Platform;
use std::process::Command;

/// What `redis-cli` prints for a command.
pub(crate) fn redis_cli(platform: &Platform, arguments: &[&str]) -> String {
    let url = platform.redis.as_ref().unwrap().url();
    let output = Command::new("redis-cli").args(address(&url)).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The address of a test's Redis as `redis-cli` takes it.
pub(crate) fn address(url: &str) -> [String; 2] {
    let socket = url.strip_prefix("unix://").or_else(|| url.strip_prefix("redis+unix://"));
    match socket {
        Some(path) => ["-s".to_owned(), path.to_owned()],
        None => ["-u".to_owned(), url.to_owned()],
    }
}
