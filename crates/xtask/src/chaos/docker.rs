//! What our workers have in Docker, asked of the engine with its own client. Other platforms may share the engine, so
//! only what carries the name of one of our workers counts.

use std::process::Command;

use super::random::Random;

const FORMAT: &str = r#"{{.ID}} {{.Label "shipstack.worker"}}"#;
const VOLUME_FORMAT: &str = r#"{{.Name}} {{.Label "shipstack.worker"}}"#;
/// Each kind of thing: how it is listed, how it is removed.
const KINDS: [(&str, &[&str], &[&str]); 3] = [
    ("container", &["ps", "--all", "--format", FORMAT], &["rm", "--force", "--volumes"]),
    ("network", &["network", "ls", "--format", FORMAT], &["network", "rm"]),
    ("volume", &["volume", "ls", "--format", VOLUME_FORMAT], &["volume", "rm"]),
];

/// In seconds.
const PATIENCE: &str = "20";
/// How `timeout` says that it was over.
const GAVE_UP: i32 = 124;
/// Where the engine's containers are, by version of cgroups.
const FREEZER: &str = "/sys/fs/cgroup/freezer/docker";
const CGROUPS: &str = "/sys/fs/cgroup/system.slice";

/// What is there of these workers, as the command that removes it and its name.
fn things(host: &str, workers: &[String]) -> Vec<(&'static str, &'static [&'static str], String)> {
    let mut found = Vec::new();
    for (kind, list, remove) in KINDS {
        let listed = docker(host).args(list).args(["--filter", "label=shipstack.worker"]).output();
        let listed =
            listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let ours = listed.lines().filter_map(|line| line.split_once(' '));
        let ours = ours.filter(|(_, worker)| workers.iter().any(|own| own == worker));
        found.extend(ours.map(|(id, _)| (kind, remove, id.to_owned())));
    }
    found
}

/// Names of what is there of these workers.
pub(super) fn left(host: &str, workers: &[String]) -> Vec<String> {
    things(host, workers).into_iter().map(|(kind, _, id)| format!("{kind} {id}")).collect()
}

/// Removes all of it.
pub(super) fn remove(host: &str, workers: &[String]) {
    for (_, remove, id) in things(host, workers) {
        let _told_by_the_judge = docker(host).args(remove).arg(id).output();
    }
}

/// A running container of these workers; none may be there.
pub(super) fn running_one(host: &str, workers: &[String], random: &mut Random) -> Option<String> {
    let running: Vec<String> = things(host, workers)
        .into_iter()
        .filter(|(kind, ..)| *kind == "container")
        .map(|(.., id)| id)
        .collect();
    random.pick(&running).cloned()
}

/// Tells the engine to do something to a thing that may be gone meanwhile. Whether it answered.
pub(super) fn order(host: &str, words: &[&str], id: &str) -> bool {
    let answer = docker(host).args(words).arg(id).output();
    answer.is_ok_and(|output| output.status.code() != Some(GAVE_UP))
}

/// Lets what runs in a container go on, past the engine: one that was told to pause it in the very moment of an `exec` waits
/// for that, which waits for the container, and never comes to let it go on (runc under containerd 1.6).
pub(super) fn thaw(id: &str) {
    for (base, file, word) in [(FREEZER, "freezer.state", "THAWED"), (CGROUPS, "cgroup.freeze", "0")] {
        for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().contains(id) {
                let _gone = std::fs::write(entry.path().join(file), word);
            }
        }
    }
}

/// The engine's client, which is not waited for without end: a blow that lasts for ever is none.
fn docker(host: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args([PATIENCE, "docker"]).env("DOCKER_HOST", host);
    command
}
