//! `git cat-file --batch`: one process that hands out the bytes of objects, asked by their hash.

use super::SourceError;
use super::group::{KillSwitch, Running, piped};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

/// How a Git LFS pointer begins (the pointer file's specification, version 1).
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// A pointer file is smaller than this.
const LFS_POINTER_BYTES: u64 = 1024;

/// The hash of an object, as git wrote it.
#[derive(Clone, Debug)]
pub(super) struct ObjectId(pub(super) String);

/// The running process.
pub(super) struct Blobs {
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    lfs_pointers: u64,
    _running: Running,
}

impl Blobs {
    /// Starts it on the repository that `command` is set up for.
    pub(super) fn start(command: &mut Command, switch: &KillSwitch) -> Result<Self, SourceError> {
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = switch.start(command)?;
        let requests = piped(running.child.stdin.take())?;
        let answers = piped(running.child.stdout.take())?;
        let answers = BufReader::with_capacity(64 * 1024, answers);
        Ok(Self { requests, answers, lfs_pointers: 0, _running: running })
    }

    /// The bytes of a small object.
    pub(super) fn read(&mut self, id: &ObjectId, bytes: u64) -> Result<Vec<u8>, SourceError> {
        let mut content = Vec::new();
        self.ask(id, bytes)?;
        self.pass(bytes, &mut content)?;
        Ok(content)
    }

    /// Writes a file's bytes to `sink`.
    pub(super) fn copy(
        &mut self,
        id: &ObjectId,
        bytes: u64,
        mut sink: &mut dyn Write,
    ) -> Result<(), SourceError> {
        self.ask(id, bytes)?;
        if bytes <= LFS_POINTER_BYTES && self.answers.fill_buf()?.starts_with(LFS_POINTER) {
            self.lfs_pointers += 1;
        }
        self.pass(bytes, &mut sink)?;
        Ok(())
    }

    /// What was noticed on the way.
    pub(super) fn finish(self) -> Option<String> {
        let count = self.lfs_pointers;
        (count > 0).then(|| format!("{count} files are Git LFS pointers; their contents are not fetched"))
    }

    /// Asks for an object and checks that the answer is the blob that was listed.
    fn ask(&mut self, id: &ObjectId, bytes: u64) -> io::Result<()> {
        self.requests.write_all(format!("{}\n", id.0).as_bytes())?;
        let mut answer = String::new();
        self.answers.by_ref().take(256).read_line(&mut answer)?;
        let expected = format!("{} blob {bytes}\n", id.0);
        if answer == expected { Ok(()) } else { Err(io::Error::other("git cat-file gave another object")) }
    }

    fn pass(&mut self, bytes: u64, sink: &mut impl Write) -> io::Result<()> {
        let copied = io::copy(&mut self.answers.by_ref().take(bytes), sink)?;
        let mut end = [0];
        self.answers.read_exact(&mut end)?;
        if copied == bytes && end == *b"\n" { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
