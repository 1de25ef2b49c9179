//! The fixture projects of testkit, and the examples, as lists of files.

use std::path::{Path, PathBuf};

/// A project: relative names with their contents.
#[derive(Clone, Default)]
pub(crate) struct Fixture(pub(crate) Vec<(String, Vec<u8>)>);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/fixtures")
}

/// The folder of a project: what people are shown is what is tested.
fn folder_of(name: &str) -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/examples").join(name);
    if example.is_dir() { example } else { root().join(name) }
}

impl Fixture {
    /// The example or fixture folder of this name.
    pub(crate) fn of(name: &str) -> Self {
        let mut files = Vec::new();
        read_folder(&folder_of(name), "", &mut files);
        assert!(!files.is_empty(), "no fixture {name}");
        files.sort();
        Self(files)
    }

    /// The Vite project for a package manager, with its lockfile or without.
    pub(crate) fn vite(manager: &str, locked: bool) -> Self {
        let mut project = Self::of("vite");
        let lock = |name: &str| std::fs::read(root().join("lock").join(name)).unwrap();
        let (name, version) = match manager {
            "npm" => ("package-lock.json", "npm@10"),
            "pnpm" => ("pnpm-lock.yaml", "pnpm@10.0.0"),
            _ => ("yarn.lock", "yarn@1.22.22"),
        };
        if manager == "yarn" {
            // Without the pin, yarn classic stops at a platform package that a mirror does not have yet.
            project = project.with("package.json", &lock("yarn.package.json"));
        }
        if locked {
            return project.with(name, &lock(name));
        }
        let package = String::from_utf8(project.get("package.json").to_vec()).unwrap();
        let package = package.replacen('{', &format!("{{\n  \"packageManager\": \"{version}\","), 1);
        project.with("package.json", package.as_bytes())
    }

    /// With this file instead, or in addition.
    pub(crate) fn with(mut self, name: &str, content: &[u8]) -> Self {
        self.0.retain(|(existing, _)| existing != name);
        self.0.push((name.to_owned(), content.to_vec()));
        self
    }

    pub(crate) fn get(&self, name: &str) -> &[u8] {
        &self.0.iter().find(|(existing, _)| existing == name).expect(name).1
    }

    /// As the files of a repository.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        let text =
            |(name, content): &(String, Vec<u8>)| (name.clone(), String::from_utf8(content.clone()).unwrap());
        self.0.iter().map(text).collect()
    }

    /// As a gzipped tar.
    pub(crate) fn tar_gz(&self) -> Vec<u8> {
        let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(encoder);
        for (name, content) in &self.0 {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, &content[..]).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, std::fs::read(entry.path()).unwrap()));
        }
    }
}
