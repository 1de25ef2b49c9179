//! Snapshots: the same for the same tree whatever its order, read back as it was; a hostile one stays in its folder.

use crate::archive::{Entry, entries, intake, repaired};
use crate::input::Input;
use crate::place::{Place, with_place};
use futures_util::StreamExt as _;
use shipstack_source::{ArchiveUse, SnapshotReader, VolumeLayout};
use shipstack_testkit::archive::{Making, header, zstd};
use shipstack_types::{RelPath, SourceTree, TreeEntry};
use std::io::{Read as _, Write as _};
use tempfile::NamedTempFile;

/// One member of the tree to be.
struct Wanted {
    path: String,
    entry: Entry,
}

/// Odd: a tar that is stored as if it were a snapshot. Even: entries, each a byte for its kind, a line for its path, and
/// a line for its target or its content.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    if input.byte() % 2 == 1 {
        with_place(|place| stays_in_its_folder(place, &repaired(input.rest())));
        return;
    }
    let mut wanted = Vec::new();
    while !input.is_empty() && wanted.len() < 64 {
        wanted.push(Wanted::read(&mut input));
    }
    with_place(|place| follows_from_the_tree_alone(place, &wanted));
}

impl Wanted {
    fn read(input: &mut Input<'_>) -> Self {
        let kind = input.byte();
        let path = input.text();
        let entry = match kind % 4 {
            0 => Entry::Link(input.text()),
            1 => Entry::File(vec![kind; usize::from(kind) * 8]),
            _ => Entry::File(input.line().to_vec()),
        };
        Self { path, entry }
    }
}

fn archive<'a>(wanted: impl Iterator<Item = &'a Wanted>) -> Vec<u8> {
    let add = |made: Making, wanted: &Wanted| match &wanted.entry {
        Entry::File(content) => {
            made.pax(&[("path", &wanted.path)]).raw(header(b"x", b'0', content.len() as u64), content)
        }
        Entry::Link(target) => {
            made.pax(&[("path", &wanted.path), ("linkpath", target)]).raw(header(b"x", b'2', 0), b"")
        }
    };
    wanted.fold(Making::default(), add).end()
}

fn follows_from_the_tree_alone(place: &Place, wanted: &[Wanted]) {
    let forward = place.take(&[&archive(wanted.iter())], &intake(ArchiveUse::Prebuilt));
    let backward = place.take(&[&archive(wanted.iter().rev())], &intake(ArchiveUse::Prebuilt));
    assert_eq!(forward.is_ok(), backward.is_ok(), "{forward:?} / {backward:?}");
    let (Ok(forward), Ok(backward)) = (forward, backward) else { return };
    assert_eq!(forward.info, backward.info);
    let found = entries(&forward);
    let tree = place.runtime.block_on(forward.reader().read_tree(|_| true)).unwrap();
    for Wanted { path, entry } in wanted {
        // A file whose name ends in a slash is how tars before ustar wrote a folder.
        let is_folder = path.ends_with('/') && matches!(entry, Entry::File(_));
        let Some(path) = kept(path) else { continue };
        if is_folder {
            assert!(path.is_root() || tree.get(&path) == Some(&TreeEntry::Folder), "{path}");
            continue;
        }
        match (entry, &found[&path]) {
            (Entry::File(content), Entry::File(read)) => assert_eq!(content, read, "{path}"),
            (Entry::Link(_), Entry::Link(read)) => {
                assert_eq!(tree.get(&path), Some(&TreeEntry::Link { target: read.clone() }));
            }
            (_, read) => panic!("{path} became {read:?}"),
        }
    }
    has_every_folder(&tree);
    stays_in_its_folder(place, &zstd_decoded(forward.path()));
}

/// The path that a name is kept under; `.git` is always left out.
fn kept(name: &str) -> Option<RelPath> {
    let name = name.trim_start_matches("./");
    let path: RelPath = name.strip_suffix('/').unwrap_or(name).parse().unwrap();
    let is_left_out = path.segments().any(|segment| segment == ".git");
    (!is_left_out).then_some(path)
}

fn has_every_folder(tree: &SourceTree) {
    for (path, _) in tree.entries() {
        let above = path.parent().filter(|parent| !parent.is_root());
        assert!(above.is_none_or(|parent| tree.get(&parent) == Some(&TreeEntry::Folder)), "{path}");
    }
}

fn zstd_decoded(path: &std::path::Path) -> Vec<u8> {
    zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap()
}

/// Whatever is stored as a snapshot fills its own folder of a volume, or is an error.
fn stays_in_its_folder(place: &Place, tar: &[u8]) {
    let mut file = NamedTempFile::new_in(place.spool.path()).unwrap();
    file.write_all(&zstd(tar)).unwrap();
    let reader = SnapshotReader::at(file.path());
    let tree = place.runtime.block_on(reader.read_tree(|_| true));
    let layout = VolumeLayout { top: "work/project".parse().unwrap(), owner: 1000, only: RelPath::root() };
    let chunks: Vec<_> = place.runtime.block_on(async { reader.volume_tar(layout).collect().await });
    let whole: Result<Vec<_>, _> = chunks.into_iter().collect();
    assert!(whole.is_err() || tree.is_ok(), "what fills a volume can be read as a tree");
    let Ok(whole) = whole else { return };
    let bytes = whole.concat();
    for entry in tar::Archive::new(&bytes[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let path: RelPath = name.strip_suffix('/').unwrap_or(&name).parse().unwrap();
        assert!(name == "work/" || path.strip(&"work/project".parse().unwrap()).is_some(), "{name}");
        assert_eq!(entry.header().uid().unwrap(), 1000);
        assert_eq!(entry.header().mode().unwrap() & 0o7000, 0, "{name}");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
    }
}
