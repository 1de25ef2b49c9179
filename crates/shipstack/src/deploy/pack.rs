//! A folder as an archive.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use ignore::{DirEntry, WalkBuilder};
use shipstack_source::ArchiveKind;
use tar::Builder;

use crate::terminal_text::counted;

/// Never part of anything: history, and our own data folder.
const LEFT_OUT: [&str; 2] = [".git", ".shipstack"];
/// Never part of a source: what an install makes again.
const INSTALLED: &str = "node_modules";

/// Like `.gitignore`, for what is in git and no part of the build.
const IGNORE_FILE: &str = ".shipstackignore";

/// A packed folder, in a temporary file that is gone when this is, or an archive that was there.
pub(crate) struct Packed {
    file: File,
    /// How many it holds; `None` for an archive, which only the server looks into.
    files: Option<u64>,
    pub(crate) bytes: u64,
}

impl Packed {
    /// An archive as it is; `None` for a file that the server would not take for one.
    pub(crate) fn archive(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        Read::by_ref(&mut file).take(512).read_to_end(&mut start)?;
        file.rewind()?;
        let bytes = file.metadata()?.len();
        Ok(ArchiveKind::of(&start).map(|_| Self { file, files: None, bytes }))
    }

    /// Whether a folder had nothing to pack.
    pub(crate) fn is_empty(&self) -> bool {
        self.files == Some(0)
    }

    /// As a person reads it.
    pub(crate) fn contents(&self) -> String {
        self.files.map_or_else(|| "the archive".to_owned(), |files| counted(files, "file"))
    }

    /// The archive, from its beginning on.
    pub(crate) fn into_file(self) -> File {
        self.file
    }
}

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contents {
    /// A source: what git would track, and what `.shipstackignore` does not leave out.
    Source,
    /// A finished site, which git mostly ignores: all of it.
    Site,
}

/// Packs a folder, inside a repository or not. Links stay links.
pub(crate) async fn pack(folder: PathBuf, contents: Contents) -> anyhow::Result<Packed> {
    Ok(tokio::task::spawn_blocking(move || pack_blocking(&folder, contents)).await??)
}

fn pack_blocking(folder: &Path, contents: Contents) -> io::Result<Packed> {
    let encoder = GzEncoder::new(BufWriter::new(tempfile::tempfile()?), Compression::fast());
    let mut archive = Builder::new(encoder);
    archive.follow_symlinks(false);
    let mut files = 0;
    for entry in walk(folder, contents) {
        let entry = entry.map_err(io::Error::other)?;
        files += u64::from(append(&mut archive, folder, &entry)?);
    }
    let mut file = archive.into_inner()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    let bytes = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    Ok(Packed { file, files: Some(files), bytes })
}

fn walk(folder: &Path, contents: Contents) -> ignore::Walk {
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(contents == Contents::Source);
    if contents == Contents::Source {
        walk.add_custom_ignore_filename(IGNORE_FILE);
    }
    walk.hidden(false).require_git(false).follow_links(false).sort_by_file_name(Ord::cmp);
    walk.filter_entry(move |entry| {
        let installed = contents == Contents::Source && entry.file_name() == INSTALLED;
        !installed && !LEFT_OUT.iter().any(|name| entry.file_name() == *name)
    });
    walk.build()
}

/// Appends a file, folder or link; whether it was a file. Sockets and devices are no source.
fn append(archive: &mut Builder<impl io::Write>, folder: &Path, entry: &DirEntry) -> io::Result<bool> {
    let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    let Some(kind) = entry.file_type().filter(|_| !inside.as_os_str().is_empty()) else { return Ok(false) };
    if kind.is_file() || kind.is_dir() || kind.is_symlink() {
        archive.append_path_with_name(entry.path(), inside)?;
    }
    Ok(kind.is_file())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use flate2::read::GzDecoder;
    use tar::Archive;

    use super::*;

    #[tokio::test]
    async fn what_git_ignores_is_not_packed_and_links_stay_links() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        for name in ["src", ".git", "node_modules"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        write(".gitignore", "*.log\n");
        write("src/index.js", "1");
        write("debug.log", "secret");
        write(".git/HEAD", "x");
        write("node_modules/a.js", "x");
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
        write(".shipstackignore", "docs\n");
        fs::create_dir(folder.path().join("docs")).unwrap();
        write("docs/big.pdf", "x");
        let packed = pack(folder.path().to_owned(), Contents::Source).await.unwrap();
        assert_eq!(packed.files, Some(3));
        let mut archive = Archive::new(GzDecoder::new(packed.file));
        let entries: Vec<_> = archive.entries().unwrap().map(Result::unwrap).collect();
        let names: Vec<_> = entries.iter().map(|entry| entry.path().unwrap().display().to_string()).collect();
        assert_eq!(names, [".gitignore", ".shipstackignore", "link", "src", "src/index.js"]);
        let link = entries.iter().find(|entry| entry.path().unwrap() == Path::new("link")).unwrap();
        assert!(link.header().entry_type().is_symlink());
    }

    #[tokio::test]
    async fn a_finished_site_is_packed_whole_although_git_ignores_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".gitignore"), "dist\n*.map\n").unwrap();
        fs::create_dir(folder.path().join("dist")).unwrap();
        fs::write(folder.path().join("dist/index.html"), "x").unwrap();
        fs::write(folder.path().join("dist/app.js.map"), "x").unwrap();
        let packed = pack(folder.path().join("dist"), Contents::Site).await.unwrap();
        assert_eq!(packed.files, Some(2));
    }

    #[test]
    fn only_what_begins_like_an_archive_is_sent_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let taken = |bytes: &[u8]| {
            let path = folder.path().join("file");
            fs::write(&path, bytes).unwrap();
            Packed::archive(&path).unwrap().map(|archive| (archive.bytes, archive.into_file()))
        };
        assert!(taken(b"").is_none() && taken(b"<h1>Hello</h1>").is_none() && taken(b"PK\x03\x04").is_none());
        let (bytes, mut file) = taken(b"\x1f\x8bxyz").unwrap();
        let mut sent = Vec::new();
        file.read_to_end(&mut sent).unwrap();
        assert_eq!((bytes, sent.as_slice()), (5, &b"\x1f\x8bxyz"[..]), "from its beginning");
        assert!(taken(&[0; 1024]).is_some(), "an empty tar is one");
    }
}
