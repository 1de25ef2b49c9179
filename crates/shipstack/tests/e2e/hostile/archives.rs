//! Cases that are an archive each.

use super::catalogue::{bytes, cases, expand};
use super::wire::send;
use serde::Deserialize;
use shipstack_testkit::archive::{Making, gzip, header, zstd};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    row: u16,
    name: String,
    #[serde(default)]
    members: Vec<Member>,
    /// After the end of the tar.
    #[serde(default)]
    trailing: String,
    /// In place of a tar.
    raw: Option<String>,
    #[serde(default)]
    compress: Compress,
    status: Vec<u16>,
    says: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum Compress {
    #[default]
    Gzip,
    Twice,
    Zstd,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    /// `{n}` is the member's number, where there are many.
    path: String,
    /// The type flag of its header.
    #[serde(default = "regular")]
    kind: char,
    #[serde(default)]
    link: String,
    #[serde(default)]
    data: String,
    /// What the header says instead of the truth.
    size: Option<u64>,
    mode: Option<u32>,
    /// A PAX header in front.
    #[serde(default)]
    pax: BTreeMap<String, String>,
    #[serde(default = "once")]
    count: u32,
    #[serde(default)]
    bad_checksum: bool,
}

fn regular() -> char {
    '0'
}

fn once() -> u32 {
    1
}

/// The archives of the file, sent one after the other; answers how many there were, and what was wrong.
pub(crate) fn run(api: u16) -> (usize, Vec<String>) {
    let cases: Vec<Case> = cases("archives.toml");
    let wrong = cases.iter().filter_map(|case| case.judge(api)).collect();
    (cases.len(), wrong)
}

impl Case {
    fn judge(&self, api: u16) -> Option<String> {
        let answer = send(api, &self.request());
        let says = self.says.as_ref().is_none_or(|words| answer.text.contains(words.as_str()));
        let start: String = answer.text.chars().take(600).collect();
        let is_right = self.status.contains(&answer.status) && says;
        (!is_right).then(|| format!("archives row {} ({}): {}\n{start}", self.row, self.name, answer.status))
    }

    fn request(&self) -> Vec<u8> {
        let body = self.body();
        let head = format!(
            "POST /v1/deployments?prebuilt=true HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        [head.into_bytes(), body].concat()
    }

    fn body(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return bytes(&expand(raw));
        }
        let tar = self.members.iter().fold(Making::default(), |making, member| member.add(making));
        let tar = [tar.end(), bytes(&expand(&self.trailing))].concat();
        match self.compress {
            Compress::Gzip => gzip(&tar),
            Compress::Twice => gzip(&gzip(&tar)),
            Compress::Zstd => zstd(&tar),
            Compress::None => tar,
        }
    }
}

impl Member {
    fn add(&self, making: Making) -> Making {
        (0..self.count).fold(making, |making, number| self.add_one(making, number))
    }

    fn add_one(&self, mut making: Making, number: u32) -> Making {
        if !self.pax.is_empty() {
            let pairs: Vec<(&str, &str)> =
                self.pax.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            making = making.pax(&pairs);
        }
        let name = bytes(&expand(&self.path).replace("{n}", &number.to_string()));
        let data = bytes(&expand(&self.data));
        let kind = u8::try_from(self.kind).expect("a type flag is one byte");
        let mut header = header(&name, kind, self.size.unwrap_or(data.len() as u64));
        header.as_old_mut().linkname[..self.link.len()].copy_from_slice(self.link.as_bytes());
        header.set_mode(self.mode.unwrap_or(0o644));
        let before = making.0.len();
        making = making.raw(header, &data);
        if self.bad_checksum {
            making.0[before] ^= 1;
        }
        making
    }
}
