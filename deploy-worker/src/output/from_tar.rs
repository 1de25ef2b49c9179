//! The output folder as the engine hands it over: a tar of one folder, whose own name comes first in every path.

use super::check::{Name, judge_name};
use super::links::target_of;
use super::read::Collector;
use super::{OutputError, OutputSummary};
use shipstack_types::RelPath;
use std::io::Read;
use tar::{Archive, Entry, EntryType};

/// Reads a collected folder to its end. Blocking.
pub(crate) fn read_tar(tar: impl Read, mut collector: Collector) -> Result<OutputSummary, OutputError> {
    for entry in Archive::new(tar).entries()? {
        entry_of(entry?, &mut collector)?;
    }
    Ok(collector.summary)
}

fn entry_of(mut entry: Entry<'_, impl Read>, collector: &mut Collector) -> Result<(), OutputError> {
    let raw = entry.path_bytes().into_owned();
    let path = match judge_name(inside(&raw))? {
        Name::Publish(path) => path,
        Name::LeaveOut(path) => {
            collector.left_out(path);
            return Ok(());
        }
        Name::Root => return only_a_folder(&entry),
    };
    match entry.header().entry_type() {
        EntryType::Directory => Ok(()),
        EntryType::Regular | EntryType::Continuous => {
            let bytes = entry.size();
            collector.file(path, bytes, &mut entry)
        }
        EntryType::Symlink => {
            let target = target_of(&path, &link_name(&entry))?;
            collector.link(path, target)
        }
        // The engine names the first occurrence, from the root of the archive.
        EntryType::Link => match judge_name(inside(&link_name(&entry)))? {
            Name::Publish(target) => collector.link(path, target),
            _ => Err(refuse(&path, "a hard link to a name that is not published")),
        },
        EntryType::Fifo => Err(refuse(&path, "a FIFO")),
        EntryType::Char | EntryType::Block => Err(refuse(&path, "a device")),
        EntryType::GNUSparse => Err(refuse(&path, "a sparse file")),
        _ => Err(refuse(&path, "neither file, folder nor link")),
    }
}

/// The output "folder" may be a file or a link that the build put there.
fn only_a_folder(entry: &Entry<'_, impl Read>) -> Result<(), OutputError> {
    if entry.header().entry_type() == EntryType::Directory {
        return Ok(());
    }
    Err(OutputError::Refused { what: "the output folder is no folder".to_owned() })
}

/// A path without the name of the collected folder.
fn inside(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_prefix(b"./").unwrap_or(raw);
    raw.iter().position(|byte| *byte == b'/').and_then(|slash| raw.get(slash + 1..)).unwrap_or_default()
}

fn link_name(entry: &Entry<'_, impl Read>) -> Vec<u8> {
    entry.link_name_bytes().map(std::borrow::Cow::into_owned).unwrap_or_default()
}

fn refuse(path: &RelPath, what: &str) -> OutputError {
    OutputError::Refused { what: format!("{path} is {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_records::HiddenValues;
    use shipstack_types::OutputLimits;
    use tar::{Builder, Header};
    use tokio::sync::mpsc;

    fn header(kind: EntryType, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header
    }

    fn tar_of(fill: impl FnOnce(&mut Builder<Vec<u8>>)) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        builder.append_data(&mut header(EntryType::Directory, 0), "dist/", &[][..]).unwrap();
        fill(&mut builder);
        builder.into_inner().unwrap()
    }

    fn read(tar: &[u8]) -> (Vec<(String, u64)>, Result<OutputSummary, OutputError>) {
        read_hiding(&HiddenValues::default(), tar)
    }

    fn read_hiding(
        hidden: &HiddenValues,
        tar: &[u8],
    ) -> (Vec<(String, u64)>, Result<OutputSummary, OutputError>) {
        let (sender, mut receiver) = mpsc::channel(100);
        let summary = read_tar(tar, Collector::new(OutputLimits::default(), hidden.clone(), sender));
        let mut files = Vec::new();
        while let Ok(file) = receiver.try_recv() {
            files.push((file.path.to_string(), file.bytes));
        }
        (files, summary)
    }

    #[test]
    fn files_are_published_and_dot_names_are_counted() {
        let tar = tar_of(|tar| {
            tar.append_data(&mut header(EntryType::Regular, 2), "dist/index.html", &b"hi"[..]).unwrap();
            tar.append_data(&mut header(EntryType::Regular, 1), "dist/.env", &b"x"[..]).unwrap();
            tar.append_data(&mut header(EntryType::Regular, 0), "dist/empty", &b""[..]).unwrap();
            tar.append_link(&mut header(EntryType::Symlink, 0), "dist/a/link", "../index.html").unwrap();
        });
        let (files, summary) = read(&tar);
        let summary = summary.unwrap();
        assert_eq!(files, [("index.html".to_owned(), 2), ("empty".to_owned(), 0)]);
        assert_eq!(summary.left_out, 1);
        assert_eq!(summary.links.len(), 1);
    }

    #[test]
    fn what_cannot_be_published_is_refused_by_name() {
        for (kind, target) in [
            (EntryType::Symlink, "/etc/passwd"),
            (EntryType::Symlink, "../../x"),
            (EntryType::Symlink, ".."),
            (EntryType::Symlink, ""),
            (EntryType::Link, "elsewhere"),
            (EntryType::Fifo, ""),
            (EntryType::Char, ""),
            (EntryType::Block, ""),
        ] {
            let tar = tar_of(|tar| {
                let mut header = header(kind, 0);
                if target.is_empty() {
                    header.set_path("dist/bad").unwrap();
                    header.set_cksum();
                    tar.append(&header, &[][..]).unwrap();
                } else {
                    tar.append_link(&mut header, "dist/bad", target).unwrap();
                }
            });
            let refusal = read(&tar).1.unwrap_err().to_string();
            assert!(refusal.contains("bad") || refusal.contains("hard link"), "{kind:?} {target}: {refusal}");
        }
    }

    /// Row 180 of the hostile catalogue. The engine names a link's first occurrence in what it hands over: a hard link to a file
    /// outside of the output comes as that file's bytes, which are the build's own, and only a second name of them as a link.
    #[test]
    fn a_hard_link_is_published_where_its_bytes_are_and_never_beside_a_name_that_is_left_out() {
        let linked = |first: &str| {
            tar_of(|tar| {
                let first = format!("dist/{first}");
                tar.append_data(&mut header(EntryType::Regular, 6), &first, &b"SECRET"[..]).unwrap();
                tar.append_link(&mut header(EntryType::Link, 0), "dist/second.html", &first).unwrap();
            })
        };
        let (files, summary) = read(&linked("first.html"));
        assert_eq!(files, [("first.html".to_owned(), 6)]);
        let links = summary.unwrap().links;
        assert_eq!(links.len(), 1, "{links:?}");
        for hidden in [".env", ".git/config"] {
            let (files, summary) = read(&linked(hidden));
            assert_eq!(files, [], "{hidden}");
            assert!(summary.unwrap_err().to_string().contains("second.html"), "{hidden}");
        }
    }

    #[test]
    fn a_file_that_tells_a_hidden_value_is_named_with_its_variable_however_large_it_is() {
        let env = [("KEY", "not-in-any-file"), ("TOKEN", "hunter2-password")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let hidden = HiddenValues::of(&env.into());
        let told = |size: usize, at: usize| {
            let mut page = vec![b'x'; size];
            page[at..at + 16].copy_from_slice(b"hunter2-password");
            let tar = tar_of(|tar| {
                for (name, content) in [("a.html", &b"home"[..]), ("b.js", &page), ("c.js", &page)] {
                    let size = content.len() as u64;
                    let name = format!("dist/{name}");
                    tar.append_data(&mut header(EntryType::Regular, size), name, content).unwrap();
                }
            });
            let (files, summary) = read_hiding(&hidden, &tar);
            assert_eq!(files.len(), 3, "it is published all the same");
            let summary = summary.unwrap();
            let told = summary.told.into_iter();
            told.map(|(variable, told)| (variable.to_string(), told.first.to_string(), told.files))
                .collect::<Vec<_>>()
        };
        let chunk = 64 * 1024;
        for (size, at) in [(16, 0), (3 << 20, 0), (3 << 20, chunk - 1), (3 << 20, (3 << 20) - 16)] {
            assert_eq!(told(size, at), [("TOKEN".into(), "b.js".into(), 2)], "{size} {at}");
        }
    }

    #[test]
    fn an_output_that_is_a_file_is_refused() {
        let mut builder = Builder::new(Vec::new());
        builder.append_data(&mut header(EntryType::Regular, 1), "dist", &b"x"[..]).unwrap();
        assert!(read(&builder.into_inner().unwrap()).1.is_err());
    }

    #[test]
    fn a_tar_that_ends_early_is_an_error_and_not_a_short_site() {
        let tar = tar_of(|tar| {
            tar.append_data(&mut header(EntryType::Regular, 5000), "dist/a", &[7; 5000][..]).unwrap();
        });
        assert!(read(&tar[..3000]).1.is_err());
    }
}
