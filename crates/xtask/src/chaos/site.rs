//! The sites that are deployed: each one's bytes are known, and no two have the same.

use anyhow::Result;

use super::random::Random;

/// Files whose bytes are known.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// On every page; what a visitor of another site must never see.
    pub(super) token: String,
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Site {
    /// A page and some files of random size.
    pub(super) fn of(random: &mut Random) -> Self {
        let token = format!("token-{:016x}", random.next());
        let page = format!("<!doctype html><title>{token}</title><h1>{token}</h1>\n");
        let mut files = vec![("index.html".to_owned(), page.into_bytes())];
        for number in 0..random.below(5) {
            let length = random.below(20_000);
            let line = |place| format!("{token} {number} {place}\n").into_bytes();
            files.push((format!("files/{number}.txt"), (0..length / 32).flat_map(line).collect()));
        }
        Self { token, files }
    }

    /// A project that is built in a container, without installing anything.
    pub(super) fn built(random: &mut Random) -> (Self, Self) {
        let site = Self::of(random);
        let page = site.files.first().map(|(_, page)| page.clone()).unwrap_or_default();
        let page = String::from_utf8_lossy(&page).into_owned();
        let script = "import { mkdirSync, copyFileSync } from 'node:fs';\n\
                      mkdirSync('dist');\ncopyFileSync('page.html', 'dist/index.html');\nconsole.log('built');\n";
        let package =
            r#"{"name":"chaos","private":true,"type":"module","scripts":{"build":"node build.mjs"}}"#;
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let files = vec![file("package.json", package), file("build.mjs", script), file("page.html", &page)];
        let served = Self { token: site.token.clone(), files: vec![file("index.html", &page)] };
        (Self { token: site.token, files }, served)
    }

    /// As a tar.
    pub(super) fn tar(&self) -> Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in &self.files {
            let mut header = tar::Header::new_ustar();
            header.set_size(u64::try_from(content.len())?);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, content.as_slice())?;
        }
        Ok(archive.into_inner()?)
    }

    /// As the files of a repository.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        let text = |(name, content): &(String, Vec<u8>)| {
            (name.clone(), String::from_utf8_lossy(content).into_owned())
        };
        self.files.iter().map(text).collect()
    }
}
