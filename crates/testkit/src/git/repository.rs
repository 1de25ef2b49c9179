//! Bare repositories made for a test.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A file to commit.
#[derive(Debug, Clone)]
pub enum RepoFile {
    /// A regular file.
    Plain(Vec<u8>),
    /// A file with the executable bit.
    Executable(Vec<u8>),
    /// A symbolic link to this target.
    Link(String),
}

impl From<&str> for RepoFile {
    fn from(text: &str) -> Self {
        Self::Plain(text.as_bytes().to_vec())
    }
}

impl RepoFile {
    fn write(&self, path: &Path) -> Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match self {
            Self::Plain(bytes) => fs::write(path, bytes)?,
            Self::Executable(bytes) => {
                fs::write(path, bytes)?;
                fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
            }
            Self::Link(target) => symlink(target, path)?,
        }
        Ok(())
    }
}

/// A bare repository that the server serves.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// Makes an empty bare repository whose `HEAD` is `main`.
    pub fn create(folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", "."])?;
        repository.git(&["config", "uploadpack.allowAnySHA1InWant", "true"])?;
        Ok(repository)
    }

    /// Commits exactly `files` on `branch` (made where it does not exist) and answers the commit's id.
    pub fn commit(&self, branch: &str, files: &[(&str, RepoFile)]) -> Result<String> {
        let tree = tempfile::Builder::new().prefix("shipstack-git-").tempdir()?;
        for (path, file) in files {
            file.write(&tree.path().join(path))?;
        }
        let work_tree = format!("--work-tree={}", tree.path().display());
        self.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")])?;
        self.git(&[&work_tree, "add", "--all", "--force", "."])?;
        self.git(&[&work_tree, "commit", "--quiet", "--allow-empty", "--message=fixture"])?;
        let commit = self.git(&["rev-parse", "HEAD"])?;
        self.git(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
        Ok(commit)
    }

    /// Tags the tip of `main`.
    pub fn tag(&self, name: &str) -> Result<()> {
        self.git(&["tag", name, "main"]).map(drop)
    }

    /// The bare repository's folder, to build hostile trees with git's own plumbing.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs git in the repository, in a clean environment, and answers its trimmed output.
    pub fn git(&self, arguments: &[&str]) -> Result<String> {
        let output = clean_git()
            .arg(format!("--git-dir={}", self.folder.display()))
            .args(arguments)
            .current_dir(&self.folder)
            .output()
            .context("git is missing")?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "git {arguments:?}: {error}");
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// git without the user's or the machine's configuration, and with a fixed author and time: equal commits have
/// equal ids.
pub(super) fn clean_git() -> Command {
    let mut command = Command::new("git");
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([("GIT_AUTHOR_NAME", "fixture"), ("GIT_AUTHOR_EMAIL", "fixture@example.org")])
        .envs([("GIT_COMMITTER_NAME", "fixture"), ("GIT_COMMITTER_EMAIL", "fixture@example.org")])
        .envs([("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"), ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")]);
    command
}
