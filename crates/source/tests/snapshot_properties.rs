//! The snapshot follows from the tree alone, and reads back as the tree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod making;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use making::Place;
use proptest::prelude::*;
use shipstack_source::{CorruptSnapshot, LooseSource, SnapshotKind, SnapshotReader, VolumeLayout};
use shipstack_testkit::archive::{Making, gzip, header};
use shipstack_types::{RelPath, Sha256Digest, SourceLimits, SourceTree, TreeEntry};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Read;

type Files = BTreeMap<String, (Vec<u8>, bool)>;

/// Any set of files that no name is both a file and a folder in, names up to the limits among them.
fn files() -> impl Strategy<Value = Files> {
    let segment = prop_oneof![9 => "[a-zA-Z0-9 ._-]{0,5}[a-z0-9]", 1 => "[äö日a-z]{60,80}"];
    let path = prop::collection::vec(segment, 1..5).prop_map(|segments| segments.join("/"));
    let content = (prop::collection::vec(any::<u8>(), 0..1500), any::<bool>());
    prop::collection::btree_map(path, content, 0..25).prop_map(without_conflicts)
}

fn without_conflicts(files: Files) -> Files {
    let under = |path: &str, other: &str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let names: Vec<String> = files.keys().cloned().collect();
    files.into_iter().filter(|(path, _)| !names.iter().any(|other| under(path, other))).collect()
}

fn archive<'a>(files: impl Iterator<Item = (&'a String, &'a (Vec<u8>, bool))>) -> Vec<u8> {
    let add = |made: Making, (path, (content, executable)): (&String, &(Vec<u8>, bool))| {
        let mut header = header(b"x", b'0', content.len() as u64);
        header.set_mode(if *executable { 0o775 } else { 0o600 });
        header.set_mtime(1_700_000_000);
        made.pax(&[("path", path)]).raw(header, content)
    };
    files.fold(Making::default(), add).end()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn expected_tree(files: &Files) -> SourceTree {
    let mut tree = SourceTree::default();
    for (path, (content, _)) in files {
        tree.add_content(path.parse().unwrap(), content.clone());
    }
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_files_read_back_as_they_were_and_their_order_does_not_matter(files in files()) {
        run(async {
            let place = Place::new();
            let forward = place.take(archive(files.iter())).await.unwrap();
            let backward = place.take(gzip(&archive(files.iter().rev()))).await.unwrap();
            assert_eq!(forward.info, backward.info);
            let stored = std::fs::read(forward.path()).unwrap();
            assert_eq!(stored, std::fs::read(backward.path()).unwrap());
            assert_eq!(Sha256Digest::of(&stored), forward.info.sha256);
            assert_eq!(stored.len() as u64, forward.info.stored_bytes);
            assert_eq!(forward.info.files, files.len() as u64);
            assert_eq!(forward.reader().read_tree(|_| true).await.unwrap(), expected_tree(&files));
            let modes = modes_of(&forward.reader());
            assert!(files.iter().all(|(path, (_, executable))| modes[path] == if *executable { 0o755 } else { 0o644 }));
        });
    }

    #[test]
    fn a_snapshot_that_was_changed_on_its_way_is_noticed(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        run(async {
            let place = Place::new();
            let snapshot = place.take(Making::default().file("a", b"hello").end()).await.unwrap();
            let mut stored = std::fs::read(snapshot.path()).unwrap();
            let at = at.index(stored.len());
            stored[at] ^= 1 << bit;
            let arriving = stream::iter([Ok::<_, Infallible>(Bytes::from(stored))]);
            let fetched = SnapshotReader::fetch(arriving, snapshot.info.sha256, &place.spool).await;
            assert!(matches!(fetched, Err(CorruptSnapshot::Digest { .. })));
        });
    }
}

fn modes_of(reader: &SnapshotReader) -> BTreeMap<String, u32> {
    let mut entries = reader.entries(&RelPath::root()).unwrap();
    let mut modes = BTreeMap::new();
    while let Some(entry) = entries.next_entry().unwrap() {
        if let SnapshotKind::File { mode, .. } = entry.kind {
            modes.insert(entry.path.to_string(), mode.bits());
        }
    }
    modes
}

async fn volume(
    reader: &SnapshotReader,
    top: &str,
    only: &str,
) -> Vec<(String, tar::EntryType, u64, u32, Vec<u8>)> {
    let layout = VolumeLayout { top: top.parse().unwrap(), owner: 1000, only: only.parse().unwrap() };
    let chunks: Vec<_> = reader.volume_tar(layout).collect().await;
    let bytes: Vec<u8> = chunks.into_iter().flat_map(|chunk| chunk.unwrap()).collect();
    let mut archive = tar::Archive::new(&bytes[..]);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let header = entry.header().clone();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (path, header.entry_type(), header.uid().unwrap(), header.mode().unwrap(), content)
    });
    entries.collect()
}

#[tokio::test]
async fn the_volume_gets_explicit_folders_that_belong_to_the_build_user() {
    use tar::EntryType::{Directory, Regular, Symlink};
    let place = Place::new();
    let made = Making::default().file("app/src/a.js", b"1").link("app/l", "src/a.js").file("b", b"2").end();
    let reader = place.take(made).await.unwrap();
    let reader = reader.reader();
    let entries = volume(&reader, "work/project", "").await;
    let names: Vec<_> = entries.iter().map(|(path, kind, uid, _, _)| (path.as_str(), *kind, *uid)).collect();
    let expected = [
        ("work/", Directory),
        ("work/project/", Directory),
        ("work/project/app/", Directory),
        ("work/project/app/l", Symlink),
        ("work/project/app/src/", Directory),
        ("work/project/app/src/a.js", Regular),
        ("work/project/b", Regular),
    ];
    assert_eq!(names, expected.map(|(path, kind)| (path, kind, 1000)));
    let inside = volume(&reader, "out", "app").await;
    let names: Vec<_> = inside.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(names, ["out/", "out/l", "out/src/", "out/src/a.js"]);
}

#[test]
fn a_volume_stream_that_nobody_reads_ends() {
    // A runtime waits for its blocking tasks when it goes, so this thread ends only if they do.
    let abandoning = std::thread::spawn(|| {
        run(async {
            let place = Place::new();
            let noise: Vec<u8> =
                (0..4_000_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
            let snapshot = place.take(Making::default().file("a", &noise).end()).await.unwrap();
            let layout = VolumeLayout { top: "p".parse().unwrap(), owner: 1000, only: RelPath::root() };
            let mut stream = snapshot.reader().volume_tar(layout);
            stream.next().await.unwrap().unwrap();
        });
    });
    let patience = std::time::Duration::from_secs(30);
    shipstack_testkit::wait_until_blocking(patience, "the blocking part ends", || abandoning.is_finished());
}

#[tokio::test]
async fn a_snapshot_that_is_cut_short_is_an_error_and_never_an_end() {
    let place = Place::new();
    let snapshot = place.take(Making::default().file("a", &[7; 9000]).file("b", b"x").end()).await.unwrap();
    let stored = std::fs::read(snapshot.path()).unwrap();
    let cut = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(cut.path(), &stored[..stored.len() - 8]).unwrap();
    let reader = SnapshotReader::at(cut.path());
    assert!(reader.read_tree(|_| true).await.is_err());
    let layout = VolumeLayout { top: "p".parse().unwrap(), owner: 1000, only: RelPath::root() };
    let chunks: Vec<_> = reader.volume_tar(layout).collect().await;
    assert!(chunks.last().unwrap().is_err());
}

#[tokio::test]
async fn loose_files_make_the_same_snapshot_as_an_archive_of_them() {
    let place = Place::new();
    let mut loose = LooseSource::new(SourceLimits::default(), &place.spool).unwrap();
    let body = |text: &'static str| stream::iter([Ok::<_, Infallible>(Bytes::from_static(text.as_bytes()))]);
    loose.add(&"src/b".parse().unwrap(), 2, body("bb")).await.unwrap();
    loose.add(&"a".parse().unwrap(), 1, body("a")).await.unwrap();
    let snapshot = loose.finish().await.unwrap().unwrap();
    let archived = place.take(Making::default().file("a", b"a").file("src/b", b"bb").end()).await.unwrap();
    assert_eq!(snapshot.info, archived.info);
    let tree = snapshot.reader().read_tree(|_| false).await.unwrap();
    assert_eq!(tree.get(&"src".parse().unwrap()), Some(&TreeEntry::Folder));
    let mut short = LooseSource::new(SourceLimits::default(), &place.spool).unwrap();
    assert!(short.add(&"a".parse().unwrap(), 9, body("a")).await.is_err());
    let nothing = LooseSource::new(SourceLimits::default(), &place.spool).unwrap();
    assert!(nothing.finish().await.unwrap().is_none());
}
