//! How much memory this process can still get: the machine's, or what the limit of its container or unit leaves, whichever is
//! less. Reads of files that are made in memory: they do not block. Elsewhere than on Linux nobody says.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// Bytes, without swapping.
pub(crate) fn free_memory() -> Option<u64> {
    let machine = read_to_string("/proc/meminfo").ok().and_then(|meminfo| available(&meminfo));
    let groups = read_to_string("/proc/self/cgroup").ok();
    let group = groups.and_then(|groups| left_by_groups(Path::new("/sys/fs/cgroup"), &groups));
    machine.into_iter().chain(group).min()
}

fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// The least that any control group of this process leaves, its own or one above it; `groups` as in cgroups(7).
fn left_by_groups(root: &Path, groups: &str) -> Option<u64> {
    groups.lines().filter_map(|line| levels(root, line)).flatten().filter_map(|group| left(&group)).min()
}

/// The folders of a group and of all above it, in the one hierarchy of version 2 or in the memory's of version 1. In a
/// container some are not there: it sees its own group as the topmost.
fn levels(root: &Path, line: &str) -> Option<Vec<PathBuf>> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, Path::new(parts.next()?.trim_start_matches('/')));
    let top = match controllers {
        "" => root.to_owned(),
        _ if controllers.split(',').any(|name| name == "memory") => root.join("memory"),
        _ => return None,
    };
    Some(path.ancestors().map(|group| top.join(group)).collect())
}

/// What the limit of a group leaves. Pages of files that nobody uses are given back when somebody asks.
fn left(group: &Path) -> Option<u64> {
    let read = |names: [&str; 2]| names.iter().find_map(|name| read_to_string(group.join(name)).ok());
    let limit: u64 = read(["memory.max", "memory.limit_in_bytes"])?.trim().parse().ok()?;
    let used: u64 = read(["memory.current", "memory.usage_in_bytes"])?.trim().parse().ok()?;
    let stat = read_to_string(group.join("memory.stat")).unwrap_or_default();
    let unused = |name: &str| stat.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    let unused: u64 = unused("total_inactive_file ").or_else(|| unused("inactive_file ")).unwrap_or(0);
    Some(limit.saturating_sub(used.saturating_sub(unused)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_linux_writes_it() {
        let text = "MemTotal:       24689164 kB\nMemFree:         1 kB\nMemAvailable:    2048 kB\n";
        assert_eq!(available(text), Some(2 << 20));
        assert_eq!(available("MemAvailable: many"), None);
        if cfg!(target_os = "linux") {
            assert!(free_memory().is_some_and(|bytes| bytes > 1 << 20));
        }
    }

    /// A group of a hierarchy with these files.
    fn group(root: &Path, path: &str, files: &[(&str, &str)]) {
        let folder = root.join(path);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, content) in files {
            std::fs::write(folder.join(name), content).unwrap();
        }
    }

    #[test]
    fn the_narrowest_group_above_a_process_counts_without_what_is_only_cached() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let stat = ("memory.stat", "anon 5\ninactive_file 300\n");
        group(root, "", &[("memory.stat", "")]);
        group(root, "a.slice", &[("memory.max", "1000\n"), ("memory.current", "900\n"), stat]);
        group(root, "a.slice/b", &[("memory.max", "max\n"), ("memory.current", "1\n")]);
        assert_eq!(left_by_groups(root, "0::/a.slice/b\n"), Some(400));
        assert_eq!(left_by_groups(root, "0::/\n"), None, "no limit");
    }

    #[test]
    fn version_1_and_a_container_that_sees_its_group_as_the_topmost() {
        let root = tempfile::tempdir().unwrap();
        let stat = ("memory.stat", "inactive_file 1\ntotal_inactive_file 30\n");
        let files = [("memory.limit_in_bytes", "100\n"), ("memory.usage_in_bytes", "120\n"), stat];
        group(root.path(), "memory", &files);
        let groups = "11:cpu,cpuacct:/x\n4:memory:/docker/0123\n0::/\nrubbish";
        assert_eq!(left_by_groups(root.path(), groups), Some(10));
        let over = [("memory.stat", "")];
        group(root.path(), "memory", &over);
        assert_eq!(left_by_groups(root.path(), groups), Some(0), "past its limit");
    }
}
