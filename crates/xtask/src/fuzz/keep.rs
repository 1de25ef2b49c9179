//! What is worth committing of the inputs that a run gathered.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::libfuzzer::{Fuzzer, files};
use crate::console::say;

/// Bytes of a target's corpus in the checkout; `crates/fuzz/tests/corpora.rs` holds the sum of all.
const ROOM: u64 = 18 * 1024;
/// Files that one run adds for a target: thousands would be a nuisance in a checkout.
const MOST_FILES: usize = 40;

/// Adds inputs that reach what no other does, some of every size, as many as there is room for.
pub(crate) async fn keep(fuzzer: &Fuzzer, targets: &[String]) -> Result<()> {
    for target in targets {
        let merged = tempfile::tempdir()?;
        fuzzer.merge(target, merged.path()).await?;
        let count = add(merged.path(), &Fuzzer::kept(target))?;
        say(&format!("{target:<16} {count} inputs are new in the checkout"));
    }
    Ok(())
}

fn add(from: &Path, to: &Path) -> Result<usize> {
    fs::create_dir_all(to)?;
    let contents = |folder: &Path| -> Result<Vec<Vec<u8>>> {
        files(folder)?.iter().map(|file| Ok(fs::read(file)?)).collect()
    };
    let there = contents(to)?;
    let mut room = there.iter().fold(ROOM, |room, input| room.saturating_sub(length(input)));
    let mut count = 0;
    let found = files(from)?;
    for file in found.iter().step_by(found.len().div_ceil(MOST_FILES).max(1)) {
        let input = fs::read(file)?;
        let Some(left) = room.checked_sub(length(&input)) else { break };
        if !there.contains(&input) {
            let name = file.file_name().unwrap_or_default();
            fs::copy(file, to.join(name))?;
            (room, count) = (left, count + 1);
        }
    }
    Ok(count)
}

fn length(input: &[u8]) -> u64 {
    u64::try_from(input.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_kept_and_nothing_twice() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(to.path().join("seed"), b"a").unwrap();
        for (name, input) in [("same", vec![b'a']), ("large", vec![0; 20_000]), ("small", vec![1; 9])] {
            fs::write(from.path().join(name), input).unwrap();
        }
        assert_eq!(add(from.path(), to.path()).unwrap(), 1);
        assert!(to.path().join("small").exists() && !to.path().join("same").exists());
    }
}
