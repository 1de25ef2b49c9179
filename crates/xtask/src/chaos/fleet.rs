//! The processes of the platform, started from the programs that were built, killed, frozen and started again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use shipstack_testkit::{Leashed, free_port};

use crate::cargo::program;

/// The three programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Upload,
    Worker,
    Request,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Upload, Self::Worker, Self::Request];

    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Upload => "upload-service",
            Self::Worker => "deploy-worker",
            Self::Request => "request-service",
        }
    }
}

/// Whether a process is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Up,
    /// Somebody took it down and will bring it up again.
    Down,
}

/// One process and how it is started.
#[derive(Debug)]
struct Member {
    kind: Kind,
    command: Vec<String>,
    folder: PathBuf,
    url: String,
    wanted: Wanted,
    process: Option<Leashed>,
}

impl Member {
    fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    members: Vec<Member>,
    /// Processes that ended without having been asked to.
    pub(super) died: Vec<String>,
}

impl Fleet {
    /// Adds a process with these settings and starts it.
    pub(super) fn add(&mut self, kind: Kind, base: &Path, settings: &[(String, String)]) -> Result<()> {
        let number = self.count(kind);
        let folder = base.join(format!("{}-{number}", kind.program()));
        std::fs::create_dir_all(&folder)?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = vec!["env".to_owned(), "-C".to_owned(), folder.display().to_string()];
        command.extend(settings.iter().map(|(name, value)| format!("{name}={value}")));
        command.push(format!("SHIPSTACK_DATA_DIR={}", folder.join("data").display()));
        let own = match kind {
            Kind::Upload => "SHIPSTACK_API_ADDR",
            Kind::Worker => "SHIPSTACK_HEALTH_ADDR",
            Kind::Request => "SHIPSTACK_SERVE_ADDR",
        };
        command.push(format!("{own}={address}"));
        command.push(program(kind.program())?.display().to_string());
        let url = format!("http://{address}");
        self.members.push(Member { kind, command, folder, url, wanted: Wanted::Up, process: None });
        self.start(self.members.len() - 1)
    }

    pub(super) fn count(&self, kind: Kind) -> usize {
        self.of(kind).len()
    }

    /// Places of all processes of a kind.
    pub(super) fn of(&self, kind: Kind) -> Vec<usize> {
        self.members
            .iter()
            .enumerate()
            .filter(|(_, member)| member.kind == kind)
            .map(|(place, _)| place)
            .collect()
    }

    /// Kind, name and process id of what runs.
    pub(super) fn running(&self) -> Vec<(Kind, String, i32)> {
        let running = |member: &Member| {
            let process = member.process.as_ref().filter(|process| process.is_running())?;
            Some((member.kind, member.name(), process.pid().as_raw_nonzero().get()))
        };
        self.members.iter().filter_map(running).collect()
    }

    pub(super) fn urls(&self, kind: Kind) -> Vec<String> {
        self.members.iter().filter(|member| member.kind == kind).map(|member| member.url.clone()).collect()
    }

    fn member(&mut self, place: usize) -> Result<&mut Member> {
        self.members.get_mut(place).context("no such process")
    }

    pub(super) fn start(&mut self, place: usize) -> Result<()> {
        let member = self.member(place)?;
        member.process = None;
        member.process = Some(Leashed::start(&member.folder, &member.command)?);
        member.wanted = Wanted::Up;
        Ok(())
    }

    /// `SIGKILL`.
    pub(super) fn kill(&mut self, place: usize) -> Result<()> {
        let member = self.member(place)?;
        member.wanted = Wanted::Down;
        member.process = None;
        Ok(())
    }

    /// `SIGTERM`; it ends in its own time.
    pub(super) fn terminate(&mut self, place: usize) -> Result<()> {
        let member = self.member(place)?;
        member.wanted = Wanted::Down;
        member.process.as_ref().map_or(Ok(()), |process| process.signal(Signal::TERM))
    }

    pub(super) fn has_ended(&mut self, place: usize) -> bool {
        self.member(place).is_ok_and(|member| !member.process.as_ref().is_some_and(Leashed::is_running))
    }

    pub(super) fn signal(&mut self, place: usize, signal: Signal) -> Result<()> {
        self.member(place)?.process.as_ref().map_or(Ok(()), |process| process.signal(signal))
    }

    /// Starts what ended by itself, as a service manager would, and notes it; with `everything` also what was taken
    /// down.
    pub(super) fn mend(&mut self, everything: Everything) {
        for place in 0..self.members.len() {
            if !self.has_ended(place) {
                continue;
            }
            let Ok(member) = self.member(place) else { continue };
            let (wanted, name) = (member.wanted, member.folder.display().to_string());
            if wanted == Wanted::Up {
                self.died.push(name);
            }
            if wanted == Wanted::Up || everything == Everything::Yes {
                // It is tried again at the next look.
                let _later = self.start(place);
            }
        }
    }

    pub(super) fn thaw_all(&mut self) {
        for place in 0..self.members.len() {
            let _gone = self.signal(place, Signal::CONT);
        }
    }

    /// What each process has printed in all its lives.
    pub(super) fn outputs(&self) -> Vec<String> {
        let output = |member: &Member| std::fs::read_to_string(member.folder.join("log")).unwrap_or_default();
        self.members.iter().map(output).collect()
    }

    /// Temporary files under the data folders.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.members.iter().map(|member| member.folder.clone()).collect()
    }

    /// Asks all to end, and waits for it.
    pub(super) fn stop(&mut self, patience: Duration) -> Vec<String> {
        for place in 0..self.members.len() {
            let _gone = self.terminate(place);
        }
        let started = Instant::now();
        let running = |fleet: &mut Self| (0..fleet.members.len()).any(|place| !fleet.has_ended(place));
        while running(self) && started.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
        let late = (0..self.members.len()).filter(|place| !self.has_ended(*place)).collect::<Vec<_>>();
        let names = late.iter().filter_map(|place| self.members.get(*place));
        names.map(|member| member.folder.display().to_string()).collect()
    }
}

/// Whether what was taken down on purpose comes back as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Everything {
    Yes,
    No,
}
