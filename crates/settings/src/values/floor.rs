//! Values that parse and still cannot work: refused at the start, not in the first build.

use std::path::PathBuf;
use std::time::Duration;

use super::BadValue;
use crate::{ByteSize, HumanDuration};

/// Heartbeats go out at a third of it, over a network.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);
/// Less than any Node starts in.
const SMALLEST_MEMORY: u64 = 32 << 20;
/// Less than any project with one dependency.
const SMALLEST_DISK: u64 = 16 << 20;

/// How long a lease is.
pub(crate) fn lease(text: &str) -> Result<HumanDuration, BadValue> {
    let lease: HumanDuration = text.parse()?;
    if lease.get() < SHORTEST_LEASE {
        return Err(BadValue::new("a lease under 1s is lost to the first slow answer"));
    }
    Ok(lease)
}

/// The memory of a build.
pub(crate) fn build_memory(text: &str) -> Result<ByteSize, BadValue> {
    at_least(text, SMALLEST_MEMORY, "no build starts in less than 32MiB")
}

/// The workspace of a build.
pub(crate) fn build_disk(text: &str) -> Result<ByteSize, BadValue> {
    at_least(text, SMALLEST_DISK, "no project fits into less than 16MiB")
}

fn at_least(text: &str, floor: u64, why: &str) -> Result<ByteSize, BadValue> {
    let size: ByteSize = text.parse()?;
    if size.get() < floor { Err(BadValue::new(why)) } else { Ok(size) }
}

/// A bundle of certificates, looked at now: a build that finds none fails in a way that names everything else.
pub(crate) fn certificates(text: &str) -> Result<PathBuf, BadValue> {
    let bundle = std::fs::read_to_string(text).map_err(|error| BadValue::new(error.to_string()))?;
    if !bundle.contains("-----BEGIN CERTIFICATE-----") {
        return Err(BadValue::new("there is no PEM certificate in it"));
    }
    Ok(PathBuf::from(text))
}

/// Where an engine is.
pub(crate) fn docker_host(text: &str) -> Result<String, BadValue> {
    let rest = ["unix://", "tcp://", "npipe://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err(BadValue::new("it has to be unix://<path>, tcp://<host>:<port> or npipe://<path>")),
    }
}

/// The name of an image, as far as the engine could take it for one.
pub(crate) fn image(text: &str) -> Result<String, BadValue> {
    let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    if begins && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(BadValue::new("it has to be the name or the id of an image, such as shipstack/builder:dev"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_refused_and_what_can_is_not() {
        assert!(lease("999ms").is_err() && lease("1s").is_ok());
        assert!(build_memory("31MiB").is_err() && build_memory("32MiB").is_ok());
        assert!(build_disk("1B").is_err() && build_disk("16MiB").is_ok());
        for host in ["unix:///run/docker.sock", "tcp://10.0.0.1:2376", "npipe:////./pipe/docker_engine"] {
            assert!(docker_host(host).is_ok(), "{host}");
        }
        for host in ["foo", "/run/docker.sock", "unix://", "ssh://host"] {
            assert!(docker_host(host).is_err(), "{host}");
        }
        assert!(image("registry.example:5000/a/b@sha256:0123").is_ok());
        assert!(image("a b").is_err() && image("").is_err() && image("-x").is_err());
    }

    #[test]
    fn a_bundle_is_there_and_holds_a_certificate() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        assert!(certificates(path).is_err());
        std::fs::write(path, "-----BEGIN CERTIFICATE-----\n").unwrap();
        assert_eq!(certificates(path).unwrap(), file.path());
        assert!(certificates("/nowhere/ca.pem").unwrap_err().to_string().contains("No such file"));
    }
}
