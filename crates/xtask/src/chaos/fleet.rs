//! The processes of the platform, started from the programs that were built, killed, frozen and started again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use shipstack_testkit::{Leashed, SmallDisk, free_port};

use super::hits::{Millis, now};
use super::random::Random;
use super::world::SLOWED;
use crate::cargo::program;

/// In the folder of each process.
const CLOCK: &str = "clock";

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
    /// It was started so that it ends by itself.
    Dying,
}

/// One process and how it is started.
#[derive(Debug)]
struct Member {
    kind: Kind,
    command: Vec<String>,
    folder: PathBuf,
    data: PathBuf,
    url: String,
    wanted: Wanted,
    process: Option<Leashed>,
    /// When it was started last.
    started: Instant,
    /// The program of the other version, if there is one.
    other: Option<String>,
}

/// Where a fleet stands.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    /// The folder with a folder for each process.
    pub(super) base: &'a Path,
    /// A disk for the data of each process, if disks may be mounted.
    pub(super) disks: &'a [SmallDisk],
    /// The programs that it begins with, if it is to be brought from them to ours.
    pub(super) previous: Option<&'a Path>,
}

impl Member {
    /// How it is started, with one setting changed.
    fn command_with(&self, setting: &str) -> Vec<String> {
        let mut command = self.command.clone();
        let program = command.len().saturating_sub(1);
        command.insert(program, setting.to_owned());
        command
    }

    fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// The end of a process that nobody asked for.
#[derive(Clone, Debug)]
pub(super) struct Death {
    pub(super) name: String,
    pub(super) place: usize,
    pub(super) seen: Millis,
    /// From its start until that was seen.
    pub(super) lived: Duration,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    members: Vec<Member>,
    /// Processes that ended without having been asked to.
    pub(super) died: Vec<Death>,
}

impl Fleet {
    /// Adds a process with these settings and starts it.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        ground: Ground<'_>,
        settings: &[(String, String)],
    ) -> Result<()> {
        let number = self.count(kind);
        let folder = ground.base.join(format!("{}-{number}", kind.program()));
        std::fs::create_dir_all(&folder)?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = vec!["env".to_owned(), "-C".to_owned(), folder.display().to_string()];
        command.extend(settings.iter().map(|(name, value)| format!("{name}={value}")));
        let disk = ground.disks.get(self.members.len()).map(SmallDisk::path);
        let data = disk.unwrap_or(&folder).join("data");
        command.push(format!("SHIPSTACK_DATA_DIR={}", data.display()));
        command.push(format!("SHIPSTACK_CHAOS_CLOCK={}", folder.join(CLOCK).display()));
        let own = match kind {
            Kind::Upload => "SHIPSTACK_API_ADDR",
            Kind::Worker => "SHIPSTACK_HEALTH_ADDR",
            Kind::Request => "SHIPSTACK_SERVE_ADDR",
        };
        command.push(format!("{own}={address}"));
        let ours = program(kind.program())?.display().to_string();
        let theirs = ground.previous.map(|folder| folder.join(kind.program()).display().to_string());
        let other = theirs.is_some().then(|| ours.clone());
        command.push(theirs.unwrap_or(ours));
        let url = format!("http://{address}");
        self.members.push(Member {
            kind,
            command,
            folder,
            data,
            url,
            wanted: Wanted::Up,
            process: None,
            started: Instant::now(),
            other,
        });
        self.start(self.members.len() - 1)
    }

    pub(super) fn count(&self, kind: Kind) -> usize {
        self.of(kind).len()
    }

    /// One process of these kinds, by kind and place.
    pub(super) fn one_of(&self, kinds: &[Kind], random: &mut Random) -> Option<(Kind, usize)> {
        let members = self.members.iter().enumerate();
        let places: Vec<_> = members
            .filter(|(_, member)| kinds.contains(&member.kind))
            .map(|(place, member)| (member.kind, place))
            .collect();
        random.pick(&places).copied()
    }

    pub(super) fn is(&self, place: usize, kind: Kind) -> bool {
        self.members.get(place).is_some_and(|member| member.kind == kind)
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
        member.started = Instant::now();
        member.wanted = Wanted::Up;
        Ok(())
    }

    /// Starts the other version from the next start on, if there is one.
    pub(super) fn change_version(&mut self, place: usize) -> Result<()> {
        let member = self.member(place)?;
        if let (Some(program), Some(other)) = (member.command.last_mut(), member.other.as_mut()) {
            std::mem::swap(program, other);
        }
        Ok(())
    }

    /// Where it answers.
    pub(super) fn url(&mut self, place: usize) -> Result<String> {
        Ok(self.member(place)?.url.clone())
    }

    /// Kills it and starts it so that it fails at these failpoints; if it ends there, that is not noted as an end by itself.
    pub(super) fn start_dying(&mut self, place: usize, failpoints: &str) -> Result<()> {
        let member = self.member(place)?;
        member.process = None;
        let command = member.command_with(&format!("SHIPSTACK_FAILPOINTS={failpoints},{SLOWED}"));
        member.process = Some(Leashed::start(&member.folder, &command)?);
        member.wanted = Wanted::Dying;
        Ok(())
    }

    /// Starts it as it is meant to be, unless that was done already.
    pub(super) fn start_living(&mut self, place: usize) -> Result<()> {
        if self.member(place)?.wanted == Wanted::Dying { self.start(place) } else { Ok(()) }
    }

    /// How often a process at this place has made itself stand still.
    pub(super) fn stood_still(&mut self, place: usize) -> Result<usize> {
        let printed = std::fs::read_to_string(self.member(place)?.folder.join("log"));
        Ok(printed.unwrap_or_default().matches("stands still at a failpoint").count())
    }

    /// Lets it go on as what it is: from here on it is to stay.
    pub(super) fn go_on(&mut self, place: usize) -> Result<()> {
        self.signal(place, Signal::CONT)?;
        let member = self.member(place)?;
        if member.wanted == Wanted::Dying {
            member.wanted = Wanted::Up;
        }
        Ok(())
    }

    /// Its process id, while it runs.
    pub(super) fn pid(&mut self, place: usize) -> Option<i32> {
        let process = self.member(place).ok()?.process.as_ref()?;
        process.is_running().then(|| process.pid().as_raw_nonzero().get())
    }

    /// The file that says how far its clock is off.
    pub(super) fn clock(&mut self, place: usize) -> Result<PathBuf> {
        Ok(self.member(place)?.folder.join(CLOCK))
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
                let lived = member.started.elapsed();
                self.died.push(Death { name, place, seen: now(), lived });
            }
            if wanted != Wanted::Down || everything == Everything::Yes {
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

    /// Sets every clock right.
    pub(super) fn set_clocks(&self) {
        for member in &self.members {
            let _right_already = std::fs::remove_file(member.folder.join(CLOCK));
        }
    }

    /// What each process has printed in all its lives.
    pub(super) fn outputs(&self) -> Vec<String> {
        let output = |member: &Member| std::fs::read_to_string(member.folder.join("log")).unwrap_or_default();
        self.members.iter().map(output).collect()
    }

    /// Where their data is.
    pub(super) fn data_folders(&self) -> Vec<PathBuf> {
        self.members.iter().map(|member| member.data.clone()).collect()
    }

    /// Where they run, with what they printed.
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
