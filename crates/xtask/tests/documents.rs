//! What the documents name is there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of all functions in Rust files at or below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let found = text.lines().filter_map(|line| line.split_once("fn ")?.1.split_once('('));
            names.extend(found.map(|(name, _)| name.to_owned()));
        }
    }
}

/// Tests are sentences, so a word of a page with three underscores in a row of small letters is one.
fn tests_in(page: &str) -> Vec<&str> {
    let quoted = page.split('`').skip(1).step_by(2);
    let sentence = |word: &&str| {
        let small = word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        small && word.matches('_').count() >= 3
    };
    quoted.filter(sentence).collect()
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let mut names = BTreeSet::new();
    for folder in ["crates", "upload-service", "deploy-worker", "request-service"] {
        functions(&root().join(folder), &mut names);
    }
    let page = fs::read_to_string(root().join("deploy/docs/security.md")).unwrap();
    let shown = tests_in(&page);
    assert!(shown.len() > 20, "the page names its tests: {shown:?}");
    let gone: Vec<_> = shown.into_iter().filter(|name| !names.contains(*name)).collect();
    assert_eq!(gone, Vec::<&str>::new());
}

/// `every_command_of_readme_and_quickstart_works` runs the blocks that are marked `sh`.
#[test]
fn every_block_of_readme_and_quickstart_is_one_that_a_test_runs_or_no_command() {
    for page in ["README.md", "deploy/docs/quickstart.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let fences: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("```")).collect();
        assert!(fences.len().is_multiple_of(2) && text.lines().count() < 150, "{page}");
        let opening: Vec<&str> = fences.into_iter().step_by(2).collect();
        assert!(opening.contains(&"sh"), "{page}");
        let others: Vec<_> = opening.iter().filter(|mark| !["sh", "toml"].contains(mark)).collect();
        // The picture of the parts.
        let pictures = usize::from(page == "README.md");
        assert!(others.len() == pictures && others.iter().all(|mark| mark.is_empty()), "{page}: {others:?}");
    }
}

#[test]
fn every_file_that_a_page_links_to_is_there() {
    let docs = root().join("deploy/docs");
    let mut pages =
        vec![root().join("README.md"), root().join("SECURITY.md"), root().join("CONTRIBUTING.md")];
    pages.extend(fs::read_dir(&docs).unwrap().map(|entry| entry.unwrap().path()));
    for page in pages.iter().filter(|page| page.is_file()) {
        let text = fs::read_to_string(page).unwrap();
        let targets =
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap_or_default();
            let path = page.parent().unwrap().join(file);
            assert!(path.exists(), "{}: {target}", page.display());
        }
    }
}
