//! Every input that was worth keeping is checked again: those that reached something new, and those that found a fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use shipstack_fuzz::{check, targets};
use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// All corpora together: they are for every checkout.
const MOST_BYTES: u64 = 300 * 1024;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of `corpus/<target>` or `findings/<target>`; a target without findings has no folder there.
fn inputs(kind: &str, target: &str) -> Vec<PathBuf> {
    let Ok(listed) = fs::read_dir(folder(kind).join(target)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The name of every input for which what has to hold does not.
fn broken(kind: &str) -> Vec<String> {
    let mut broken = Vec::new();
    for target in targets() {
        for file in inputs(kind, target.name) {
            let input = fs::read(&file).unwrap();
            if catch_unwind(|| check(target.name, &input)).is_err() {
                broken.push(format!("{} {}", target.name, file.display()));
            }
        }
    }
    broken
}

#[test]
fn what_has_to_hold_holds_for_every_input_that_was_kept() {
    assert_eq!(broken("corpus"), Vec::<String>::new());
}

#[test]
fn what_was_found_once_is_not_found_again() {
    assert_eq!(broken("findings"), Vec::<String>::new());
}

#[test]
fn every_target_has_inputs_and_all_of_them_are_small() {
    let mut total = 0;
    for target in targets() {
        let files = inputs("corpus", target.name);
        assert!(!files.is_empty(), "{} has no corpus", target.name);
        total += files.iter().map(|file| fs::metadata(file).unwrap().len()).sum::<u64>();
    }
    assert!(total <= MOST_BYTES, "{total} bytes");
}

#[test]
fn no_input_lies_where_nobody_looks() {
    let known: BTreeSet<String> = targets().map(|target| target.name.to_owned()).collect();
    for kind in ["corpus", "findings"] {
        let Ok(listed) = fs::read_dir(folder(kind)) else { continue };
        let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(names.filter(|name| !known.contains(name)).collect::<Vec<_>>(), Vec::<String>::new());
    }
}

#[test]
fn the_fuzzer_has_every_target() {
    for target in targets() {
        let text = fs::read_to_string(folder("libfuzzer/fuzz_targets").join(format!("{}.rs", target.name)));
        assert!(text.unwrap().contains(&format!("check(\"{}\"", target.name)));
    }
}
