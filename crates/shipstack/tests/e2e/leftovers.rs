//! What is left in Docker, asked of the engine itself with its own client.

use std::process::Command;

/// Names of everything that carries the label of this deployment: containers, networks, volumes.
pub(crate) fn of_deployment(id: &str) -> Vec<String> {
    labelled(&format!("label=shipstack.deployment={id}"))
}

/// Names of everything that this worker made.
pub(crate) fn of_worker(worker: &str) -> Vec<String> {
    labelled(&format!("label=shipstack.worker={worker}"))
}

fn labelled(filter: &str) -> Vec<String> {
    let lists: [&[&str]; 3] = [
        &["ps", "--all", "--format", "container {{.Names}}"],
        &["network", "ls", "--format", "network {{.Name}}"],
        &["volume", "ls", "--format", "volume {{.Name}}"],
    ];
    lists.iter().flat_map(|list| docker(list, filter)).collect()
}

fn docker(list: &[&str], filter: &str) -> Vec<String> {
    let output = Command::new("docker").args(list).args(["--filter", filter]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
