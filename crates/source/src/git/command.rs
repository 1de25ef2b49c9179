//! The git command line as it is always started: nothing of this process's environment, nothing of anybody's
//! configuration, limits on memory and files. Each guard is in reliability.md §5 and was tried there.

use super::request::GitFetch;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Where git and prlimit are looked for; our own PATH is not handed on.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin";

/// Address space of git and each of its helpers. An endless list of refs would otherwise fill the memory: 2 GB in 8 s.
const MEMORY_BYTES: u64 = 1024 * 1024 * 1024;

/// Room in a pack for what is not file content.
const PACK_OVERHEAD_BYTES: u64 = 64 * 1024 * 1024;

/// Without a byte for this long, or under a thousand a second, the server counts as gone.
const LOW_SPEED: [&str; 2] = ["http.lowSpeedLimit=1000", "http.lowSpeedTime=10"];

const CONFIGURATION: [&str; 18] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "credential.helper=",
    "http.followRedirects=false",
    "http.proxy=",
    "protocol.version=2",
    "transfer.fsckObjects=true",
    "transfer.bundleURI=false",
    // Old tools wrote these into many honest histories; none of them can name a path.
    "fetch.fsck.zeroPaddedFilemode=ignore",
    "fetch.fsck.missingSpaceBeforeDate=ignore",
    "fetch.fsck.badTimezone=ignore",
    "fetch.fsck.missingEmail=ignore",
    // One pack in one file, so that the limit on a file's size is a limit on the fetch.
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "maintenance.auto=false",
    "pack.threads=1",
    "core.packedGitLimit=128m",
    // Larger files are passed through instead of held in memory.
    "core.bigFileThreshold=8m",
];

/// A git command on the bare repository in `folder`.
pub(crate) fn git(fetch: &GitFetch, folder: &Path) -> Command {
    let mut command = Command::new("prlimit");
    command.args(limits(fetch)).arg("--").arg("git").arg("--git-dir").arg(folder);
    for setting in CONFIGURATION.iter().chain(&LOW_SPEED) {
        command.args(["-c", setting]);
    }
    command.env_clear().envs(environment()).current_dir(folder);
    if let Some(ca_file) = &fetch.ca_file {
        command.env("GIT_SSL_CAINFO", ca_file).env("SSL_CERT_FILE", ca_file);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Sets the addresses that the host has, so that git does not look it up again. Both spellings of a name with a
/// closing dot, because curl compares them as text.
pub(crate) fn pin(fetch: &GitFetch, addresses: &[IpAddr]) -> Vec<String> {
    let host = fetch.url.host();
    if host.parse::<IpAddr>().is_ok() {
        return Vec::new();
    }
    let address = |address: &IpAddr| {
        if address.is_ipv6() { format!("[{address}]") } else { address.to_string() }
    };
    let list = addresses.iter().map(address).collect::<Vec<_>>().join(",");
    let bare = host.trim_end_matches('.');
    let names = [bare.to_owned(), format!("{bare}.")];
    names.map(|name| format!("http.curloptResolve={name}:{}:{list}", fetch.url.port())).into()
}

fn limits(fetch: &GitFetch) -> [String; 3] {
    let file_bytes = fetch.limits.total_bytes.saturating_add(PACK_OVERHEAD_BYTES);
    [format!("--as={MEMORY_BYTES}"), format!("--fsize={file_bytes}"), "--core=0".to_owned()]
}

fn environment() -> [(&'static str, &'static OsStr); 11] {
    [
        ("PATH", PATH),
        ("HOME", "/nonexistent"),
        ("LC_ALL", "C"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_ASKPASS", "/bin/false"),
        ("GIT_ALLOW_PROTOCOL", "http:https"),
        ("GIT_PROTOCOL_FROM_USER", "0"),
        ("GIT_LFS_SKIP_SMUDGE", "1"),
        ("GIT_NO_LAZY_FETCH", "1"),
    ]
    .map(|(name, value)| (name, OsStr::new(value)))
}
