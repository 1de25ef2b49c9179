//! A temporary folder that is really gone afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long what writes into the folder may take to notice that its service is gone.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// A folder for a service that a test may kill or drop in the middle of its work: the `git` that it started writes for a
/// moment longer, and a folder that is removed meanwhile is not empty in the end. This one is removed until it is gone.
#[derive(Debug)]
pub struct ServiceFolder(Option<TempDir>);

impl ServiceFolder {
    /// A new one in the tests' temporary folder.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self(Some(TempDir::new()?)))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.as_ref().map_or(Path::new(""), TempDir::path)
    }
}

impl Drop for ServiceFolder {
    fn drop(&mut self) {
        let Some(path) = self.0.take().map(TempDir::keep) else { return };
        let began = Instant::now();
        while std::fs::remove_dir_all(&path).is_err() && path.exists() && began.elapsed() < PATIENCE {
            std::thread::sleep(POLL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn it_is_gone_though_somebody_writes_into_it_for_a_moment_longer() {
        let folder = ServiceFolder::new().unwrap();
        let path = folder.path().to_owned();
        let script = r#"for n in $(seq 2000); do : > "$0/$n" || exit 0; [ "$n" = 1 ] && echo begun; done"#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(&path).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut writer = command.spawn().unwrap();
        let mut begun = [0; 5];
        std::io::Read::read_exact(writer.stdout.as_mut().unwrap(), &mut begun).unwrap();
        drop(folder);
        writer.wait().unwrap();
        assert!(!path.exists());
    }
}
