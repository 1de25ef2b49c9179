//! Whether the tests left anything in Docker.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process;

/// On everything that the engine crate makes.
const LABEL: &str = "label=shipstack.worker";
/// Each kind of thing: how it is listed, how it is removed.
const KINDS: [(&str, &[&str], &[&str]); 3] = [
    ("container", &["ps", "--all", "--quiet"], &["rm", "--force", "--volumes"]),
    ("network", &["network", "ls", "--quiet"], &["network", "rm"]),
    ("volume", &["volume", "ls", "--quiet"], &["volume", "rm"]),
];

type Thing = (usize, String);

/// Watches what there is with our label. What was there before (another run's, on a shared engine) is nobody's fault;
/// what is new goes when this is dropped, even after a Ctrl-C.
pub(crate) struct Leftovers {
    host: String,
    before: BTreeSet<Thing>,
}

impl Leftovers {
    pub(crate) async fn watch(host: &str) -> Result<Self> {
        Ok(Self { host: host.to_owned(), before: labelled(host).await? })
    }

    /// An error that names what is new.
    pub(crate) async fn ensure_none(&mut self) -> Result<()> {
        let now = labelled(&self.host).await?;
        let new = now
            .difference(&self.before)
            .filter_map(|(kind, id)| Some(format!("{} {id}", KINDS.get(*kind)?.0)));
        let new: Vec<String> = new.collect();
        ensure!(new.is_empty(), "left in Docker: {}", new.join(", "));
        Ok(())
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        for (kind, (_, list, remove)) in KINDS.iter().enumerate() {
            let listed = docker(&self.host).args(*list).args(["--filter", LABEL]).output();
            let listed =
                listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
            let new = listed.lines().filter(|id| !self.before.contains(&(kind, (*id).to_owned())));
            for id in new {
                // The report, not this, says what was left.
                let _removed = docker(&self.host).args(*remove).arg(id).output();
            }
        }
    }
}

fn docker(host: &str) -> Command {
    let mut command = Command::new("docker");
    command.env("DOCKER_HOST", host);
    command
}

async fn labelled(host: &str) -> Result<BTreeSet<Thing>> {
    let mut things = BTreeSet::new();
    for (kind, (_, list, _)) in KINDS.iter().enumerate() {
        let arguments = [*list, &["--filter", LABEL]].concat();
        let listed = process::output(process::command("docker", &arguments).env("DOCKER_HOST", host)).await?;
        things.extend(listed.lines().map(|id| (kind, id.to_owned())));
    }
    Ok(things)
}
