//! The build context of the embedded Dockerfile, as a tar.

use std::io;
use std::path::PathBuf;

/// The files of `deploy/builder/` that a build needs.
const FILES: [(&str, &str); 4] = [
    ("Dockerfile", include_str!("../../../../deploy/builder/Dockerfile")),
    ("versions", include_str!("../../../../deploy/builder/versions")),
    ("tools.sh", include_str!("../../../../deploy/builder/tools.sh")),
    ("trim.sh", include_str!("../../../../deploy/builder/trim.sh")),
];
const EGRESS: &str = "shipstack-egress";

/// The context: our files, and the proxy that is installed beside the running program.
pub(super) fn tar() -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in FILES {
        append(&mut builder, name, content.as_bytes())?;
    }
    append(&mut builder, EGRESS, &std::fs::read(egress_beside_us()?)?)?;
    builder.into_inner()
}

fn append(builder: &mut tar::Builder<Vec<u8>>, name: &str, content: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(content.len()).unwrap_or(u64::MAX));
    header.set_mode(0o755);
    builder.append_data(&mut header, name, content)
}

fn egress_beside_us() -> io::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(EGRESS);
    let why = || {
        format!(
            "{} is not there; install it beside this program, or run deploy/builder/make.sh",
            path.display()
        )
    };
    if path.is_file() { Ok(path) } else { Err(io::Error::new(io::ErrorKind::NotFound, why())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> &'static str {
        FILES.iter().find(|(file, _)| *file == name).unwrap().1
    }

    #[test]
    fn the_dockerfile_says_of_its_image_what_is_installed_in_it() {
        let installed = file("versions").lines().filter(|line| !line.starts_with('#'));
        let tools: Vec<&str> = installed.map(|line| line.split(' ').next().unwrap()).collect();
        let label = format!("LABEL shipstack.tools=\"{}\"", tools.join(" "));
        assert!(file("Dockerfile").contains(&label), "{label}");
    }

    #[test]
    fn every_file_that_the_dockerfile_copies_is_in_its_context() {
        let copied = file("Dockerfile").lines().filter_map(|line| line.strip_prefix("COPY "));
        let sources = copied.filter(|line| !line.starts_with("--from")).flat_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            words[..words.len() - 1].to_vec()
        });
        for source in sources {
            assert!(source == EGRESS || FILES.iter().any(|(name, _)| *name == source), "{source}");
        }
    }
}
