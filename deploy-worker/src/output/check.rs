//! Which names may be published, and how many bytes.

use super::OutputError;
use shipstack_types::{InvalidRelPath, OutputLimits, RelPath};

/// What becomes of a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Published under this path.
    Publish(RelPath),
    /// Left out: a dot-name other than `.well-known`.
    LeaveOut(RelPath),
    /// The output folder itself.
    Root,
}

/// Judges a raw name from an archive, relative to the output folder.
pub(super) fn judge_name(raw: &[u8]) -> Result<Name, OutputError> {
    let trimmed = raw.strip_suffix(b"/").unwrap_or(raw);
    let path = RelPath::from_bytes(trimmed).map_err(|why| refuse_name(raw, why))?;
    if path.is_root() {
        return Ok(Name::Root);
    }
    let hidden = path.segments().any(|segment| segment.starts_with('.') && segment != ".well-known");
    Ok(if hidden { Name::LeaveOut(path) } else { Name::Publish(path) })
}

fn refuse_name(raw: &[u8], why: InvalidRelPath) -> OutputError {
    let shown: String = String::from_utf8_lossy(raw).escape_debug().take(200).collect();
    OutputError::Refused { what: format!("\"{shown}\": {why}") }
}

/// Counts what is published against the limits.
pub(super) struct Budget {
    limits: OutputLimits,
    files: u64,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(limits: OutputLimits) -> Self {
        Self { limits, files: 0, bytes: 0 }
    }

    /// Takes one more file into account, before a byte of it is read.
    pub(super) fn take(&mut self, path: &RelPath, bytes: u64) -> Result<(), OutputError> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let limits = &self.limits;
        let passed = if bytes > limits.file_bytes {
            Some(format!("{path} has {bytes} bytes; a file may have {}", limits.file_bytes))
        } else if self.files > limits.files {
            Some(format!("more than {} files; the first one too many is {path}", limits.files))
        } else if self.bytes > limits.total_bytes {
            Some(format!("more than {} bytes in all, reached with {path}", limits.total_bytes))
        } else {
            None
        };
        passed.map_or(Ok(()), |what| Err(OutputError::Refused { what }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_published_is_named() {
        for raw in [&b"a\nb"[..], b"\xff.js", b"../x", b"a/../../x", b"/etc/passwd", b"a\\b"] {
            assert!(matches!(judge_name(raw), Err(OutputError::Refused { .. })), "{raw:?}");
        }
    }

    #[test]
    fn dot_names_stay_home_and_well_known_is_published() {
        for raw in ["index.html", "a b.html", "a%2fb", "a?b", "..foo/x", ".well-known/acme", "-x", "CON"] {
            let published = matches!(judge_name(raw.as_bytes()).unwrap(), Name::Publish(_));
            assert_eq!(published, raw != "..foo/x", "{raw}");
        }
        for raw in [".env", ".git/config", "a/.npmrc"] {
            assert!(matches!(judge_name(raw.as_bytes()).unwrap(), Name::LeaveOut(_)), "{raw}");
        }
    }

    #[test]
    fn each_limit_names_itself_and_the_file() {
        let limits = OutputLimits { total_bytes: 10, files: 2, file_bytes: 8 };
        let path: RelPath = "big.bin".parse().unwrap();
        let too_big = Budget::new(limits.clone()).take(&path, 9).unwrap_err().to_string();
        assert!(too_big.contains("big.bin") && too_big.contains('8'), "{too_big}");
        let mut many = Budget::new(limits.clone());
        many.take(&path, 1).unwrap();
        many.take(&path, 1).unwrap();
        assert!(many.take(&path, 1).unwrap_err().to_string().contains("2 files"));
        let mut much = Budget::new(limits);
        much.take(&path, 8).unwrap();
        assert!(much.take(&path, 8).unwrap_err().to_string().contains("10 bytes"));
    }
}
