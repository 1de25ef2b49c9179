//! The seccomp profile, passed to the engine as text.
//!
//! An allow-list: what node, npm, pnpm, yarn, bun, git, Vite and esbuild need, and nothing that has a history of
//! kernel escapes. Beside what the engine's own profile refuses without capabilities it refuses `io_uring`, every
//! socket family but UNIX, TCP, UDP and routing netlink (so no `AF_VSOCK`, `AF_ALG`, raw or packet sockets), ptrace,
//! keyrings, `process_vm_*`, handles, and 32-bit system calls. The engine's own profile of 20.10 allows the first two.

/// The profile as the engine reads it.
pub(crate) const PROFILE: &str = include_str!("seccomp.json");

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn rules() -> Vec<Value> {
        let profile: Value = serde_json::from_str(PROFILE).unwrap();
        assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
        profile["syscalls"].as_array().unwrap().clone()
    }

    fn is_named(rule: &Value, name: &str) -> bool {
        rule["names"].as_array().unwrap().iter().any(|named| named == name)
    }

    #[test]
    fn what_leads_out_of_a_container_is_never_allowed() {
        for name in [
            "io_uring_setup",
            "io_uring_enter",
            "io_uring_register",
            "unshare",
            "setns",
            "mount",
            "umount2",
            "pivot_root",
            "chroot",
            "ptrace",
            "process_vm_readv",
            "process_vm_writev",
            "keyctl",
            "add_key",
            "request_key",
            "bpf",
            "userfaultfd",
            "perf_event_open",
            "open_by_handle_at",
            "name_to_handle_at",
            "fsopen",
            "fsmount",
            "move_mount",
            "open_tree",
            "mount_setattr",
            "fanotify_init",
            "kexec_load",
            "init_module",
            "finit_module",
            "delete_module",
            "reboot",
            "swapon",
            "syslog",
            "acct",
            "quotactl",
            "iopl",
            "ioperm",
            "modify_ldt",
            "kcmp",
            "lookup_dcookie",
            "pidfd_getfd",
            "process_madvise",
            "userfaultfd",
            "vmsplice",
            "uselib",
            "clone3",
            "settimeofday",
            "clock_settime",
            "sethostname",
            "memfd_secret",
        ] {
            let allowed =
                rules().iter().any(|rule| is_named(rule, name) && rule["action"] == "SCMP_ACT_ALLOW");
            assert!(!allowed, "{name}");
        }
    }

    #[test]
    fn what_depends_on_its_arguments_is_allowed_by_arguments_only() {
        for name in ["socket", "socketpair", "clone", "personality", "mknod", "mknodat"] {
            for rule in rules().iter().filter(|rule| is_named(rule, name)) {
                assert!(rule["args"].as_array().is_some_and(|args| !args.is_empty()), "{name}: {rule}");
            }
        }
    }
}
