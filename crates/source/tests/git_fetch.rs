//! Fetching from a real Git server, honest and hostile (hostile.md §2).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod making;

use making::Place;
use shipstack_source::{Commit, GitFetch, Snapshot, SourceError, fetch_git};
use shipstack_testkit::GitServer;
use shipstack_testkit::git::{Misbehaviour, ObjectKind, Pack, RepoFile, object_id};
use shipstack_types::{
    Code, GitUrl, HostAllowList, Phase, RelPath, SourceLimits, SourceTree, Stage, TreeEntry,
};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

struct Host {
    server: GitServer,
    place: Place,
}

impl Host {
    fn start() -> Self {
        Self { server: GitServer::start().unwrap(), place: Place::new() }
    }

    fn job(&self, name: &str) -> GitFetch {
        let allow_private: HostAllowList = self.server.host().parse().unwrap();
        GitFetch {
            url: GitUrl::parse(&self.server.url(name), &allow_private).unwrap(),
            git_ref: None,
            limits: SourceLimits::default(),
            deadline: Duration::from_secs(30),
            allow_private,
            ca_file: None,
        }
    }

    async fn fetch(&self, job: GitFetch) -> Result<(Snapshot, Commit), SourceError> {
        let (log, mut lines) = mpsc::channel(100);
        let drained = tokio::spawn(async move { while lines.recv().await.is_some() {} });
        let fetched = fetch_git(job, &self.place.spool, log).await;
        drained.await.unwrap();
        fetched
    }

    async fn refused(&self, job: GitFetch) -> SourceError {
        let error = self.fetch(job).await.expect_err("it should have been refused");
        let left = self.place.left_over();
        assert!(left.is_empty(), "{error:?} left {left:?}");
        assert!(!error.failure().message.chars().any(char::is_control));
        error
    }
}

async fn tree_of(snapshot: &Snapshot) -> SourceTree {
    snapshot.reader().read_tree(|_| true).await.unwrap()
}

fn path(text: &str) -> RelPath {
    text.parse().unwrap()
}

fn git_processes(spool: &std::path::Path) -> usize {
    let spool = spool.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = processes.filter_map(|process| std::fs::read_to_string(process.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(spool)).count()
}

#[tokio::test]
async fn a_repository_becomes_a_snapshot_of_its_default_branch() {
    let host = Host::start();
    let repository = host.server.add_repository("app").unwrap();
    let files = [
        ("package.json", RepoFile::from("{}")),
        ("bin/run", RepoFile::Executable(b"#!/bin/sh".to_vec())),
        ("src/a b/ünï.js", RepoFile::from("1")),
        ("link", RepoFile::Link("bin/run".into())),
    ];
    let sha = repository.commit("main", &files).unwrap();
    let (snapshot, commit) = host.fetch(host.job("app")).await.unwrap();
    assert_eq!(commit, Commit { sha, ref_name: None });
    assert_eq!((snapshot.info.files, snapshot.info.bytes), (4, 12));
    let tree = tree_of(&snapshot).await;
    assert_eq!(tree.content(&path("package.json")), Some(&b"{}"[..]));
    assert_eq!(tree.get(&path("link")), Some(&TreeEntry::Link { target: "bin/run".into() }));
    assert_eq!(tree.get(&path("src/a b")), Some(&TreeEntry::Folder));
    let (again, _) = host.fetch(host.job("app")).await.unwrap();
    assert_eq!(again.info, snapshot.info);
}

#[tokio::test]
async fn the_same_tree_has_the_same_digest_from_git_and_from_an_archive() {
    let host = Host::start();
    host.server.add_repo("app", &[("a/b.js", "1"), ("a.js", "2")]).unwrap();
    let (fetched, _) = host.fetch(host.job("app")).await.unwrap();
    let archive = shipstack_testkit::archive::Making::default()
        .file("a.js", b"2")
        .folder("a/")
        .file("a/b.js", b"1")
        .end();
    assert_eq!(host.place.take(archive).await.unwrap().info, fetched.info);
}

#[tokio::test]
async fn a_branch_a_tag_and_a_commit_can_be_asked_for() {
    let host = Host::start();
    let repository = host.server.add_repository("app").unwrap();
    let first = repository.commit("main", &[("a", RepoFile::from("1"))]).unwrap();
    repository.git(&["tag", "--annotate", "--message=x", "v1", "main"]).unwrap();
    repository.commit("main", &[("a", RepoFile::from("2"))]).unwrap();
    let feature = repository.commit("feature/x", &[("a", RepoFile::from("3"))]).unwrap();
    for (asked, sha) in
        [("v1", &first), ("feature/x", &feature), (first.as_str(), &first), ("refs/tags/v1", &first)]
    {
        let job = GitFetch { git_ref: Some(asked.parse().unwrap()), ..host.job("app") };
        let (_, commit) = host.fetch(job).await.unwrap();
        assert_eq!((&commit.sha, commit.ref_name.as_deref()), (sha, Some(asked)), "{asked}");
    }
    for absent in ["nope", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"] {
        let job = GitFetch { git_ref: Some(absent.parse().unwrap()), ..host.job("app") };
        assert_eq!(host.refused(job).await.code(), Code::GitRefNotFound, "{absent}");
    }
}

#[tokio::test]
async fn each_way_a_host_can_fail_has_its_code() {
    let host = Host::start();
    host.server.add_repository("empty").unwrap();
    for (name, how) in [
        ("closed", Misbehaviour::Status(401)),
        ("forbidden", Misbehaviour::Status(403)),
        ("gone", Misbehaviour::Status(404)),
        ("broken", Misbehaviour::Status(500)),
        ("web", Misbehaviour::Garbage),
        ("silent", Misbehaviour::Close),
        ("moved", Misbehaviour::Redirect("http://127.0.0.1:1/x.git".into())),
        ("moved-to-file", Misbehaviour::Redirect("file:///etc/passwd".into())),
    ] {
        host.server.misbehave(name, how);
    }
    for (name, code) in [
        ("empty", Code::GitEmpty),
        ("absent", Code::GitRepositoryNotFound),
        ("closed", Code::GitAuthRequired),
        ("forbidden", Code::GitAuthRequired),
        ("gone", Code::GitRepositoryNotFound),
        ("broken", Code::GitUnreachable),
        // git takes a page of text for the list of refs of a host without smart HTTP: one without any.
        ("web", Code::GitEmpty),
        ("silent", Code::GitUnreachable),
        ("moved", Code::AddressNotAllowed),
        ("moved-to-file", Code::AddressNotAllowed),
    ] {
        let error = host.refused(host.job(name)).await;
        assert_eq!(error.code(), code, "{name}: {error}");
        assert_eq!(error.failure().stage, Stage::Job(Phase::Cloning), "{name}");
    }
    let url = host.server.url("x");
    let port: u16 = host.server.host().rsplit_once(':').unwrap().1.parse().unwrap();
    drop(host.server);
    let place = host.place;
    let allow_private: HostAllowList = format!("127.0.0.1:{port}").parse().unwrap();
    let job = GitFetch {
        url: GitUrl::parse(&url, &allow_private).unwrap(),
        git_ref: None,
        limits: SourceLimits::default(),
        deadline: Duration::from_secs(30),
        allow_private,
        ca_file: None,
    };
    let (log, _lines) = mpsc::channel(1);
    let error = fetch_git(job, &place.spool, log).await.unwrap_err();
    assert_eq!(error.code(), Code::GitUnreachable, "{error}");
}

#[tokio::test]
async fn a_host_that_is_not_public_is_not_even_asked() {
    let host = Host::start();
    host.server.add_repo("app", &[("a", "1")]).unwrap();
    let job = GitFetch { allow_private: HostAllowList::default(), ..host.job("app") };
    assert_eq!(host.refused(job).await.code(), Code::AddressNotAllowed);
    assert!(host.server.requests().is_empty());
}

#[tokio::test]
async fn the_addresses_found_are_the_ones_that_are_asked() {
    let host = Host::start();
    host.server.add_repo("app", &[("a", "1")]).unwrap();
    let port = host.server.host().rsplit_once(':').unwrap().1.to_owned();
    let allow_private: HostAllowList = format!("localhost:{port}").parse().unwrap();
    let url = GitUrl::parse(&format!("http://localhost:{port}/app.git"), &allow_private).unwrap();
    let job = GitFetch { url, allow_private, ..host.job("app") };
    host.fetch(job).await.unwrap();
}

#[tokio::test]
async fn a_stalled_host_ends_at_the_deadline_and_leaves_no_process() {
    let host = Host::start();
    host.server.misbehave("stalled", Misbehaviour::Stall);
    host.server.misbehave("slow", Misbehaviour::SlowBytes(50));
    for name in ["stalled", "slow"] {
        let job = GitFetch { deadline: Duration::from_secs(2), ..host.job(name) };
        let began = Instant::now();
        assert_eq!(host.refused(job).await.code(), Code::CloneTimeout, "{name}");
        assert!(began.elapsed() < Duration::from_secs(4), "{name} took {:?}", began.elapsed());
        assert_eq!(git_processes(host.place.spool.path()), 0, "{name}");
    }
}

#[tokio::test]
async fn a_fetch_that_nobody_waits_for_is_killed() {
    let host = Host::start();
    host.server.misbehave("stalled", Misbehaviour::Stall);
    let (log, _lines) = mpsc::channel(1);
    let job = host.job("stalled");
    let spool = host.place.spool.clone();
    let fetch = tokio::spawn(async move { fetch_git(job, &spool, log).await });
    shipstack_testkit::wait_until("git runs", async || git_processes(host.place.spool.path()) > 0).await;
    fetch.abort();
    shipstack_testkit::wait_until("git is gone", async || {
        git_processes(host.place.spool.path()) == 0 && host.place.left_over().is_empty()
    })
    .await;
}

#[tokio::test]
async fn an_endless_list_of_refs_ends_at_the_memory_limit() {
    let host = Host::start();
    host.server.misbehave("endless", Misbehaviour::EndlessAdvertisement);
    let job = GitFetch { deadline: Duration::from_mins(1), ..host.job("endless") };
    assert_eq!(host.refused(job).await.code(), Code::SourceTooLarge);
}

#[tokio::test]
async fn the_limits_hold_before_a_blob_is_read() {
    let host = Host::start();
    let files: Vec<(String, String)> = (0..30).map(|at| (format!("f{at:02}"), "x".repeat(100))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    host.server.add_repo("app", &files).unwrap();
    let limits = SourceLimits::default;
    for (limits, named) in [
        (SourceLimits { files: 20, ..limits() }, "f20"),
        (SourceLimits { total_bytes: 1000, ..limits() }, "f10"),
        (SourceLimits { file_bytes: 99, ..limits() }, "f00"),
    ] {
        let error = host.refused(GitFetch { limits, ..host.job("app") }).await;
        assert_eq!(error.code(), Code::SourceTooLarge);
        assert!(error.to_string().contains(named), "{error}");
        assert_eq!(error.failure().stage, Stage::Job(Phase::Snapshotting));
    }
}

/// Ten trees of ten entries each, nested ten times: ten thousand million paths in a kilobyte.
#[tokio::test]
async fn a_git_bomb_ends_at_the_count() {
    let host = Host::start();
    let repository = host.server.add_repository("bomb").unwrap();
    repository.commit("main", &[("f", RepoFile::from("x"))]).unwrap();
    let mut below = repository.git(&["rev-parse", "main^{tree}"]).unwrap();
    for _ in 0..10 {
        let rows: Vec<String> = (0..10).map(|at| format!("040000 tree {below}\td{at}\n")).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), rows.concat()).unwrap();
        below = hash_tree(repository.folder(), file.path());
    }
    let bomb = repository.git(&["commit-tree", "-m", "bomb", &below]).unwrap();
    repository.git(&["update-ref", "refs/heads/main", &bomb]).unwrap();
    let began = Instant::now();
    assert_eq!(host.refused(host.job("bomb")).await.code(), Code::SourceTooLarge);
    assert!(began.elapsed() < Duration::from_secs(10));
}

/// A blob of zeros, and a delta that copies it ninety-six times: 17 KB become 1.5 GiB.
fn delta_bomb() -> Vec<u8> {
    const BASE: usize = (1 << 24) - 1;
    const COPIES: usize = 96;
    let mut pack = Pack::default();
    let base = pack.offset();
    pack.object(ObjectKind::Blob, &vec![0; BASE]).unwrap();
    // Copies everything: no bytes of an offset, three of a length.
    let copies = [0xf0, 0xff, 0xff, 0xff].repeat(COPIES);
    pack.delta(base, (BASE, BASE * COPIES), &copies).unwrap();
    pack.end()
}

/// Row 62: what a pack becomes costs its own process the memory, and no more than it may have.
#[tokio::test]
async fn a_delta_that_becomes_far_more_than_it_is_ends_at_the_memory_limit() {
    let host = Host::start();
    let pack = delta_bomb();
    assert!(pack.len() < 32 * 1024, "{}", pack.len());
    host.server.misbehave("bomb", Misbehaviour::Pack { tip: "1".repeat(40), pack });
    let began = Instant::now();
    let error = host.refused(host.job("bomb")).await;
    assert_eq!(error.code(), Code::SourceTooLarge, "{error}");
    assert!(error.to_string().contains("emory"), "not for another reason: {error}");
    assert!(began.elapsed() < Duration::from_secs(20));
}

/// Row 62: four GiB of zeros in four megabytes. git streams what is that large, and the tree says how large it is before
/// a byte of it is read.
#[tokio::test]
async fn a_file_of_four_gibibytes_of_zeros_is_refused_for_its_size() {
    /// Of "blob 4294967296", a zero byte, and as many more.
    const FOUR_GIBIBYTES: &str = "451971a31ea5a207a10b391df2d5949910133565";
    let host = Host::start();
    let mut pack = Pack::default();
    pack.zeros(256).unwrap();
    let tip = pack.commit(&[("zeros".into(), FOUR_GIBIBYTES.into())]).unwrap();
    let pack = pack.end();
    assert!(pack.len() < 5 << 20, "{}", pack.len());
    host.server.misbehave("bomb", Misbehaviour::Pack { tip, pack });
    let mut job = host.job("bomb");
    job.deadline = Duration::from_mins(2);
    let error = host.refused(job).await;
    assert_eq!(error.code(), Code::SourceTooLarge, "{error}");
    assert!(error.to_string().contains("zeros"), "{error}");
}

/// Row 62: each file is the one before with other first bytes, ten thousand times over.
#[tokio::test]
async fn a_chain_of_ten_thousand_deltas_is_followed_within_the_limits() {
    const DEPTH: usize = 10_000;
    const BYTES: usize = 4096;
    let content = |at: usize| [format!("{at:08}").as_bytes(), &[b'x'; BYTES - 8]].concat();
    let host = Host::start();
    let mut pack = Pack::default();
    let mut files = vec![("00000000".to_owned(), String::new())];
    let mut base = pack.offset();
    files[0].1 = pack.object(ObjectKind::Blob, &content(0)).unwrap();
    for at in 1..DEPTH {
        let next = pack.offset();
        // Eight new bytes, then the rest: one byte of an offset, two of a length.
        let insert = [&[8], &content(at)[..8]].concat();
        let copy = [0x80 | 0x01 | 0x10 | 0x20, 8, 0xf8, 0x0f];
        pack.delta(base, (BYTES, BYTES), &[&insert[..], &copy].concat()).unwrap();
        base = next;
        files.push((format!("{at:08}"), object_id(ObjectKind::Blob, &content(at))));
    }
    let tip = pack.commit(&files).unwrap();
    host.server.misbehave("chain", Misbehaviour::Pack { tip, pack: pack.end() });
    let (snapshot, _) = host.fetch(host.job("chain")).await.unwrap();
    assert_eq!((snapshot.info.files, snapshot.info.bytes), (DEPTH as u64, (DEPTH * BYTES) as u64));
    let tree = tree_of(&snapshot).await;
    assert_eq!(tree.content(&path("00009999")), Some(&content(9999)[..]));
}

/// Row 68: a host may name bundles to fetch first, wherever they are. A fetch takes no notice, and `transfer.bundleURI=false`
/// says so; a clone that believes the host asks for them.
#[tokio::test]
async fn a_bundle_that_the_host_names_is_not_asked_for() {
    let host = Host::start();
    let repository = host.server.add_repository("app").unwrap();
    repository.commit("main", &[("f", RepoFile::from("x"))]).unwrap();
    let bundle = host.server.url("bundle");
    let settings =
        [("uploadpack.advertiseBundleURIs", "true"), ("bundle.version", "1"), ("bundle.mode", "all")];
    for (name, value) in settings.into_iter().chain([("bundle.evil.uri", bundle.as_str())]) {
        repository.git(&["config", name, value]).unwrap();
    }
    let asked = || host.server.requests().iter().any(|request| request.contains("bundle.git"));
    host.fetch(host.job("app")).await.unwrap();
    assert!(!asked(), "{:?}", host.server.requests());
    let folder = tempfile::tempdir().unwrap();
    let cloned = folder.path().join("clone");
    let believes =
        ["-c", "transfer.bundleURI=true", "-c", "protocol.version=2", "clone", "--quiet", "--bare"];
    let url = host.server.url("app");
    repository.git(&[&believes[..], &[&url, cloned.to_str().unwrap()]].concat()).unwrap();
    assert!(asked(), "the host did name it: {:?}", host.server.requests());
}

fn hash_tree(folder: &std::path::Path, rows: &std::path::Path) -> String {
    let rows = std::fs::File::open(rows).unwrap();
    let made =
        std::process::Command::new("git").arg("--git-dir").arg(folder).arg("mktree").stdin(rows).output();
    String::from_utf8(made.unwrap().stdout).unwrap().trim().to_owned()
}

/// A tree object with these raw entries, past every check that git makes when it writes.
fn raw_tree(repository: &shipstack_testkit::git::Repository, entries: &[(&str, &[u8], &str)]) -> String {
    let mut object = Vec::new();
    for (mode, name, id) in entries {
        object.extend(mode.as_bytes());
        object.push(b' ');
        object.extend(*name);
        object.push(0);
        object.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), object).unwrap();
    let name = file.path().to_str().unwrap();
    repository.git(&["hash-object", "--literally", "-t", "tree", "-w", name]).unwrap()
}

#[tokio::test]
async fn a_tree_with_a_name_that_climbs_or_imitates_git_is_refused() {
    let host = Host::start();
    for (at, name) in [".git", ".GIT", ".git.", "git~1", ".g\u{200c}it", "..", ".", "a/b"].iter().enumerate()
    {
        let repository = host.server.add_repository(&format!("r{at}")).unwrap();
        repository.commit("main", &[("f", RepoFile::from("x"))]).unwrap();
        let blob = repository.git(&["rev-parse", "main:f"]).unwrap();
        let tree = raw_tree(&repository, &[("100644", name.as_bytes(), &blob)]);
        let commit = repository.git(&["commit-tree", "-m", "x", &tree]).unwrap();
        repository.git(&["update-ref", "refs/heads/main", &commit]).unwrap();
        let error = host.refused(host.job(&format!("r{at}"))).await;
        assert!(matches!(error.code(), Code::PathEscape | Code::EntryType), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_plain_text_is_refused() {
    let host = Host::start();
    for (at, name) in [&b"a\nb"[..], b"\xff", b"\x1b[2J", b"a\\b"].iter().enumerate() {
        let repository = host.server.add_repository(&format!("r{at}")).unwrap();
        repository.commit("main", &[("f", RepoFile::from("x"))]).unwrap();
        let blob = repository.git(&["rev-parse", "main:f"]).unwrap();
        let tree = raw_tree(&repository, &[("100644", name, &blob)]);
        let commit = repository.git(&["commit-tree", "-m", "x", &tree]).unwrap();
        repository.git(&["update-ref", "refs/heads/main", &commit]).unwrap();
        assert_eq!(host.refused(host.job(&format!("r{at}"))).await.code(), Code::EntryType, "{name:?}");
    }
}

#[tokio::test]
async fn unsafe_links_submodules_and_lfs_pointers_are_named_in_warnings() {
    let host = Host::start();
    let repository = host.server.add_repository("app").unwrap();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
    let files = [
        ("pw", RepoFile::Link("/etc/passwd".into())),
        ("up", RepoFile::Link("../../../..".into())),
        ("loop", RepoFile::Link("loop".into())),
        ("good", RepoFile::Link("big.bin".into())),
        ("big.bin", RepoFile::from(pointer)),
    ];
    repository.commit("main", &files).unwrap();
    let head = repository.git(&["rev-parse", "main"]).unwrap();
    let rows = repository.git(&["ls-tree", "main"]).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{rows}\n160000 commit {head}\tvendored\n")).unwrap();
    let tree = hash_tree(repository.folder(), file.path());
    let commit = repository.git(&["commit-tree", "-m", "x", &tree]).unwrap();
    repository.git(&["update-ref", "refs/heads/main", &commit]).unwrap();
    let (snapshot, _) = host.fetch(host.job("app")).await.unwrap();
    let warnings = snapshot.info.warnings.join("\n");
    for named in ["submodules are not fetched: vendored", "pw, up, loop", "1 files are Git LFS pointers"] {
        assert!(warnings.contains(named), "{named} is not in {warnings}");
    }
    let names: Vec<String> = tree_of(&snapshot).await.entries().map(|(path, _)| path.to_string()).collect();
    assert_eq!(names, ["big.bin", "good"]);
}

#[tokio::test]
async fn nothing_in_the_repository_runs_or_rewrites() {
    let host = Host::start();
    let repository = host.server.add_repository("app").unwrap();
    let files = [
        (
            ".gitattributes",
            RepoFile::from("* filter=evil ident text eol=crlf working-tree-encoding=UTF-16\n"),
        ),
        ("hooks/post-checkout", RepoFile::Executable(b"#!/bin/sh\ntouch /nonexistent/pwned".to_vec())),
        ("a.txt", RepoFile::from("$Id$\nline\n")),
    ];
    let attributes = repository.folder().join("info/attributes");
    std::fs::create_dir_all(attributes.parent().unwrap()).unwrap();
    std::fs::write(attributes, "* -filter -ident -text -eol -working-tree-encoding\n").unwrap();
    repository.commit("main", &files).unwrap();
    let (snapshot, _) = host.fetch(host.job("app")).await.unwrap();
    assert_eq!(tree_of(&snapshot).await.content(&path("a.txt")), Some(&b"$Id$\nline\n"[..]));
}

#[tokio::test]
async fn progress_arrives_as_lines() {
    let host = Host::start();
    host.server.add_repo("app", &[("a", "1")]).unwrap();
    let (log, mut lines) = mpsc::channel(100);
    let fetched = fetch_git(host.job("app"), &host.place.spool, log).await.unwrap();
    let mut said = Vec::new();
    while let Some(line) = lines.recv().await {
        said.push(line);
    }
    assert!(said.iter().any(|line| line.starts_with("remote: ")), "{said:?}");
    assert!(said.iter().all(|line| !line.chars().any(char::is_control)), "{said:?}");
    drop(fetched);
    assert!(host.place.left_over().is_empty());
}
