//! Archives that arrive: a snapshot or a refusal, the same however the bytes were cut, and what another reader sees in it.

use crate::input::{Input, in_pieces};
use crate::place::{Place, with_place};
use shipstack_source::{ArchiveIntake, ArchiveUse, LinkTarget, Snapshot, SnapshotKind};
use shipstack_testkit::archive::{gzip, zstd};
use shipstack_types::{ArchiveLimits, RelPath, SourceLimits};
use std::collections::BTreeMap;
use std::io::Read as _;

/// Small, so that inputs reach them.
pub(crate) const LIMITS: SourceLimits =
    SourceLimits { total_bytes: 256 * 1024, files: 48, file_bytes: 64 * 1024, depth: 6 };
const BLOCK: usize = 512;
/// Tar, gzip, zstd as they are; the bit says that the checksums of a tar are made right first.
const REPAIRED: u8 = 4;

/// What stands at a path: the content of a file with its executable bit, or the target of a link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    File(Vec<u8>),
    Link(String),
}

/// A byte that tells the form, then the archive.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let form = input.byte();
    let given = input.rest();
    let plain = if form & REPAIRED == 0 { given.to_vec() } else { repaired(given) };
    let archive = match form % REPAIRED {
        1 => gzip(&plain),
        2 => zstd(&plain),
        _ => plain.clone(),
    };
    with_place(|place| {
        is_the_same_in_pieces(place, &archive);
        assert_eq!(place.left_over(), 0, "nothing is left");
        if form & REPAIRED != 0 {
            is_what_another_reader_sees(place, &archive, &plain);
        }
    });
}

/// With the checksum that each header should have: no fuzzer guesses them.
pub(crate) fn repaired(tar: &[u8]) -> Vec<u8> {
    let mut tar = tar.to_vec();
    let mut at = 0;
    while let Some(block) = tar.get_mut(at..at + BLOCK) {
        let mut header = tar::Header::new_old();
        header.as_mut_bytes().copy_from_slice(block);
        let mut size = 0;
        if block.iter().any(|byte| *byte != 0) {
            header.set_cksum();
            block.copy_from_slice(header.as_bytes());
            size = header.entry_size().ok().and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
        }
        at = at.saturating_add(BLOCK).saturating_add(size.saturating_add(BLOCK - 1) / BLOCK * BLOCK);
        if at > tar.len() {
            break;
        }
    }
    tar
}

pub(crate) fn intake(use_as: ArchiveUse) -> ArchiveIntake {
    let archive =
        ArchiveLimits { body_bytes: 1024 * 1024, extension_bytes: 4096, ..ArchiveLimits::default() };
    ArchiveIntake { declared: None, use_as, source: LIMITS, archive }
}

fn is_the_same_in_pieces(place: &Place, archive: &[u8]) {
    let cuts = archive.get(archive.len() / 2..).unwrap_or_default();
    let cuts = cuts.get(..cuts.len().min(7)).unwrap_or_default();
    let whole = place.take(&[archive], &intake(ArchiveUse::Build));
    let pieces = place.take(&in_pieces(archive, cuts), &intake(ArchiveUse::Build));
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            assert_eq!(whole.info, pieces.info);
            let stored = std::fs::read(whole.path()).unwrap();
            assert_eq!(stored, std::fs::read(pieces.path()).unwrap());
            assert_eq!(entries(&whole).len() as u64, whole.info.files);
            let again = place.take(&[&stored], &intake(ArchiveUse::Build)).expect("a snapshot is an archive");
            assert_eq!(again.info.sha256, whole.info.sha256, "and its own snapshot");
        }
        (Err(whole), Err(pieces)) => assert_eq!(whole.code(), pieces.code(), "{whole} / {pieces}"),
        (whole, pieces) => panic!("{whole:?} in one piece and {pieces:?} in several"),
    }
}

/// Files and links of a snapshot, which come sorted, each once, within every limit and inside the tree.
pub(crate) fn entries(snapshot: &Snapshot) -> BTreeMap<RelPath, Entry> {
    let mut read = snapshot.reader().entries(&RelPath::root()).unwrap();
    let (mut found, mut before, mut total) = (BTreeMap::new(), None, 0);
    while let Some(mut entry) = read.next_entry().unwrap() {
        let path = entry.path.clone();
        assert!(path.depth() <= LIMITS.depth && before.as_ref() < Some(&path), "{before:?} before {path}");
        match entry.kind.clone() {
            SnapshotKind::Folder => {}
            SnapshotKind::File { bytes, .. } => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap();
                assert!(content.len() as u64 == bytes && bytes <= LIMITS.file_bytes, "{path}");
                total += bytes;
                found.insert(path.clone(), Entry::File(content));
            }
            SnapshotKind::Link(target) => {
                assert!(target.resolve(&path).is_some(), "{path} -> {target}");
                found.insert(path.clone(), Entry::Link(target.as_str().to_owned()));
            }
        }
        before = Some(path);
    }
    assert!(total == snapshot.info.bytes && total <= LIMITS.total_bytes);
    found
}

/// Readers that disagree are how an archive smuggles files past the one that checks.
fn is_what_another_reader_sees(place: &Place, archive: &[u8], tar: &[u8]) {
    let Ok(snapshot) = place.take(&[archive], &intake(ArchiveUse::Prebuilt)) else { return };
    if !snapshot.info.warnings.is_empty() {
        return;
    }
    let mut seen = BTreeMap::new();
    for entry in tar::Archive::new(tar).entries().unwrap() {
        // It also wants the end to be a whole block. Whatever it did not come to is missing below.
        let Ok(mut entry) = entry else { break };
        let raw = entry.path_bytes().into_owned();
        let mut name = raw.as_slice();
        while let Some(rest) = name.strip_prefix(b"./") {
            name = rest;
        }
        let path = RelPath::from_bytes(name.strip_suffix(b"/").unwrap_or(name));
        let kind = entry.header().entry_type();
        if kind.is_symlink() {
            let path = path.unwrap();
            let target = entry.link_name_bytes().unwrap().into_owned();
            seen.insert(
                path.clone(),
                Entry::Link(LinkTarget::parse(&path, &target).unwrap().as_str().to_owned()),
            );
        } else if !kind.is_dir() && !kind.is_pax_global_extensions() && !name.ends_with(b"/") {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            seen.insert(path.unwrap(), Entry::File(content));
        }
    }
    assert_eq!(entries(&snapshot), seen);
}
