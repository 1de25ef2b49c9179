//! What `deploy/docs/reliability.md` promises is held by tests that exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of every Rust file of the workspace.
fn sources() -> String {
    let mut open: Vec<PathBuf> = ["crates", "upload-service", "deploy-worker", "request-service"]
        .map(|name| root().join(name))
        .to_vec();
    let mut text = String::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn every_test_that_a_promise_names_exists() {
    let page = std::fs::read_to_string(root().join("deploy/docs/reliability.md")).unwrap();
    let sources = sources();
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
    let named = named.into_iter().filter(|name| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
    });
    let mut count = 0;
    for name in named {
        assert!(sources.contains(&format!("fn {name}(")), "no test {name}");
        count += 1;
    }
    assert!(count > 20, "the page names only {count} tests");
}
