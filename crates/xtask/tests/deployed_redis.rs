//! The Redis of every way of deploying is started with the same settings as the one that the tests run on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::Path;

use shipstack_testkit::RedisOptions;

/// The words of the one line that starts Redis, without quotes, commas and brackets.
fn words(file: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    let starts = |line: &&str| line.contains("redis-server") && line.contains("--");
    let lines: Vec<&str> = text.lines().filter(starts).collect();
    let [line] = lines.as_slice() else { panic!("{file} starts {} Redis", lines.len()) };
    let word = |word: &str| word.trim_matches(|char| "[]\",".contains(char)).to_owned();
    line.split_whitespace().map(word).collect()
}

#[test]
fn every_redis_keeps_its_data_evicts_nothing_and_takes_no_huge_entry() {
    for file in ["deploy/compose.yaml", "deploy/kubernetes/overlays/example/redis.yaml"] {
        let words = words(file);
        for setting in RedisOptions::as_deployed().arguments.chunks(2) {
            assert!(words.windows(2).any(|pair| pair == setting), "{file} lacks {setting:?}");
        }
    }
}
