//! What may not be left when everything has ended: in Redis, in the store, in Docker, in temporary folders.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::chaos::docker;
use crate::chaos::ledger::Broken;
use crate::chaos::resp::{Observer, Reply};
use crate::chaos::world::World;

/// The janitor comes every fifteen seconds and spares what is younger than two leases.
const PATIENCE: Duration = Duration::from_secs(45);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Each is empty once all has ended.
const EMPTY: [(&str, &str); 9] = [
    ("build-queue", "LLEN"),
    ("intake-queue", "LLEN"),
    ("leases:build", "ZCARD"),
    ("leases:intake", "ZCARD"),
    ("retry-at:build", "ZCARD"),
    ("retry-at:intake", "ZCARD"),
    ("suspects", "HLEN"),
    ("settling", "ZCARD"),
    ("unfinished", "SCARD"),
];
/// Redis's word for a key without an end.
const FOR_EVER: i64 = -1;
/// No key begins like this once all has ended, unless it goes by itself.
const GONE: [&str; 2] = ["taken:*", "log:*"];

/// Waits until nothing is left; what still is then has leaked.
pub(super) async fn nothing_is_left(world: &World) -> Result<()> {
    let started = Instant::now();
    let mut left = look(world)?;
    while !left.is_empty() && started.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK_EVERY).await;
        left = look(world)?;
    }
    for what in left {
        world.ledger.broke(Broken::Leaked, "-", what);
    }
    Ok(())
}

fn look(world: &World) -> Result<Vec<String>> {
    let mut left = in_redis(world)?;
    left.extend(docker::left(&world.engine, &world.workers()));
    left.extend(world.bucket.open_uploads()?.iter().map(|key| format!("an open upload of {key}")));
    for folder in world.fleet().data_folders() {
        count_files(&folder.join("spool"), &mut left);
    }
    Ok(left)
}

fn in_redis(world: &World) -> Result<Vec<String>> {
    let mut observer = Observer::connect(&world.redis)?;
    let mut left = Vec::new();
    for (key, command) in EMPTY {
        let count = observer.ask(&[command, key])?.number().unwrap_or(0);
        if count > 0 {
            left.push(format!("{key} has {count} entries"));
        }
    }
    for pattern in GONE {
        let keys = observer.ask(&["KEYS", pattern])?;
        for key in keys.list().iter().filter_map(Reply::text) {
            // What goes by itself soon is not left for ever.
            if observer.ask(&["TTL", key])?.number() == Some(FOR_EVER) {
                left.push(format!("the key {key}"));
            }
        }
    }
    Ok(left)
}

/// Every process has a folder with a lock, and nothing in it.
fn count_files(folder: &Path, left: &mut Vec<String>) {
    let own = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let own: Vec<_> = own.filter(|entry| entry.path().is_dir()).collect();
    if own.len() > 1 {
        left.push(format!("{} temporary folders in {}", own.len(), folder.display()));
    }
    for entry in own {
        let files = std::fs::read_dir(entry.path()).into_iter().flatten().flatten();
        let files = files.filter(|file| file.file_name() != ".lock");
        left.extend(files.map(|file| format!("the temporary file {}", file.path().display())));
    }
}
