//! Every archive of hostile.md §3 gets the answer it must get, and leaves nothing behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod making;

use making::Place;
use shipstack_source::{ArchiveIntake, ArchiveKind, ArchiveUse};
use shipstack_testkit::archive::{Making, gzip, header, pax_line, zstd};
use shipstack_types::{ArchiveLimits, Code, RelPath, SourceLimits, SourceTree, TreeEntry};
use std::time::{Duration, Instant};

fn make() -> Making {
    Making::default()
}

fn long_name(kind: u8, name: &[u8]) -> Making {
    make().member(b"././@LongLink", kind, name, "")
}

async fn refused(what: &str, archive: Vec<u8>) -> Code {
    let place = Place::new();
    let began = Instant::now();
    let error = place.take(archive).await.expect_err(what);
    assert!(began.elapsed() < Duration::from_secs(5), "{what} took {:?}", began.elapsed());
    assert!(place.left_over().is_empty(), "{what} left {:?}", place.left_over());
    let text = error.to_string();
    assert!(!text.chars().any(char::is_control), "{what}: {text:?}");
    error.code()
}

async fn accepted(archive: Vec<u8>) -> SourceTree {
    let place = Place::new();
    let snapshot = place.take(archive).await.unwrap();
    snapshot.reader().read_tree(|_| true).await.unwrap()
}

fn path(text: &str) -> RelPath {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_name_that_leaves_the_archive_is_refused() {
    for name in ["../esc", "/srv/esc", "a/../../esc", "a/./b", "a/..", ".."] {
        assert_eq!(refused(name, make().file(name, b"x").end()).await, Code::PathEscape, "{name}");
    }
    assert_eq!(refused("no name", make().file("", b"x").end()).await, Code::PathEscape);
    let pax = make().pax(&[("path", "../x")]).file("a", b"x").end();
    assert_eq!(refused("pax path", pax).await, Code::PathEscape);
    let gnu = long_name(b'L', b"../../x\0").file("a", b"x").end();
    assert_eq!(refused("gnu path", gnu).await, Code::PathEscape);
}

#[tokio::test]
async fn a_link_that_leaves_the_archive_and_what_lies_under_a_link_are_refused() {
    for (target, code) in
        [("/srv/out", Code::PathEscape), ("../..", Code::PathEscape), ("..", Code::PathEscape)]
    {
        assert_eq!(refused(target, make().link("l", target).end()).await, code, "{target}");
    }
    let under = make().folder("d/").link("l", "d").file("l/x", b"x").end();
    assert_eq!(refused("under a link", under).await, Code::PathEscape);
    let pax = make().pax(&[("linkpath", "/etc/passwd")]).link("l", "a").end();
    assert_eq!(refused("pax link", pax).await, Code::PathEscape);
    let gnu = long_name(b'K', b"/etc/passwd\0").link("l", "a").end();
    assert_eq!(refused("gnu link", gnu).await, Code::PathEscape);
}

#[tokio::test]
async fn links_in_circles_and_long_chains_are_refused_and_a_plain_one_is_kept() {
    assert_eq!(refused("self", make().link("a", "a").end()).await, Code::EntryType);
    assert_eq!(refused("pair", make().link("a", "b").link("b", "a").end()).await, Code::EntryType);
    let chain = (0..41).fold(make(), |made, at| made.link(&format!("l{at}"), &format!("l{}", at + 1)));
    assert_eq!(refused("chain", chain.end()).await, Code::EntryType);
    let tree = accepted(make().file("a", b"x").link("b", "a").end()).await;
    assert_eq!(tree.get(&path("b")), Some(&TreeEntry::Link { target: "a".into() }));
}

#[tokio::test]
async fn what_is_no_file_folder_or_link_is_refused() {
    for kind in [b'1', b'3', b'4', b'6', b'7', b'D', b'V', b'M', b'S', b'Z', b'N', b'A', 0x80] {
        let archive = make().file("v", b"x").member(b"m", kind, b"", "v").end();
        assert_eq!(refused(&kind.to_string(), archive).await, Code::EntryType, "{}", kind as char);
    }
    let with_data = make().member(b"d/", b'5', b"data", "").end();
    assert_eq!(refused("folder with data", with_data).await, Code::EntryType);
}

#[tokio::test]
async fn the_same_path_twice_is_refused_whatever_stands_there() {
    for archive in [
        make().file("a", b"1").file("a", b"2").end(),
        make().link("f", "victim").file("f", b"x").end(),
        make().file("a", b"x").file("a/b", b"x").end(),
        make().file("a/b", b"x").file("a", b"x").end(),
        make().folder("a/").link("a", "b").end(),
        make().file("./a", b"1").file("a", b"2").end(),
    ] {
        assert_eq!(refused("twice", archive).await, Code::EntryType);
    }
    let folders = make().folder("./").folder("a/").folder("./a/").file("a/b", b"x").end();
    assert!(accepted(folders).await.has_file(&path("a/b")), "a folder may be named again");
}

#[tokio::test]
async fn only_the_executable_bit_of_a_mode_survives() {
    let mut setuid = header(b"run", b'0', 1);
    setuid.set_mode(0o6755);
    setuid.set_uid(0);
    let made = make().pax(&[("SCHILY.xattr.security.capability", "x")]).raw(setuid, b"x");
    let mut plain = header(b"run", b'0', 1);
    plain.set_mode(0o755);
    plain.set_uid(1234);
    let place = Place::new();
    let hostile = place.take(made.end()).await.unwrap();
    let harmless = place.take(make().raw(plain, b"x").end()).await.unwrap();
    assert_eq!(hostile.info.sha256, harmless.info.sha256);
}

#[tokio::test]
async fn a_name_that_is_not_plain_text_is_refused() {
    for name in [&b"a\nb"[..], b"\x1b[2J", b"\xff", b"a\\b", b"C:\\x", b"\x7f"] {
        let archive = make().member(name, b'0', b"x", "").end();
        assert_eq!(refused(&format!("{name:?}"), archive).await, Code::EntryType);
    }
    let long = "n".repeat(300);
    let wide = make().pax(&[("path", &long)]).file("a", b"x").end();
    assert_eq!(refused("segment", wide).await, Code::EntryType);
    let long = "abcde/".repeat(1000) + "x";
    let deep = long_name(b'L', long.as_bytes()).file("a", b"x").end();
    assert_eq!(refused("path", deep).await, Code::EntryType);
    let odd = ["-x", "trailing ", "dot.", "C:", "A", "a", "é", "e\u{301}", "con"];
    let archive = odd.iter().fold(make(), |made, name| made.file(name, b"x")).end();
    let tree = accepted(archive).await;
    assert!(odd.iter().all(|name| tree.has_file(&path(name))));
}

#[tokio::test]
async fn too_many_entries_end_at_the_limit() {
    let many = (0..50_001).fold(make(), |made, at| made.file(&format!("f{at}"), b""));
    let began = Instant::now();
    assert_eq!(refused("gz", gzip(&many.end())).await, Code::ArchiveLimit);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn one_deep_path_is_refused_at_once() {
    let deep = "d/".repeat(65) + "x";
    let archive = make().pax(&[("path", &deep)]).file("a", b"x").end();
    assert_eq!(refused("65 deep", archive).await, Code::ArchiveLimit);
    let deep = "d/".repeat(2000) + "x";
    let archive = make().pax(&[("path", &deep)]).file("a", b"x").end();
    assert_eq!(refused("2,000 deep", archive).await, Code::EntryType);
}

#[tokio::test]
async fn an_extension_record_over_64_kib_is_refused_before_it_is_read() {
    let mut huge = header(b"././@LongLink", b'L', 600 << 20);
    huge.set_cksum();
    let archive = make().raw(huge, b"");
    assert_eq!(refused("announced", archive.clone().0).await, Code::EntryType);
    let mut stretched = archive.0;
    stretched.resize(64 << 20, b'a');
    assert_eq!(refused("sent", gzip(&stretched)).await, Code::EntryType);
    for kind in [b'x', b'g', b'K'] {
        let huge = make().raw(header(b"r", kind, 65 * 1024), &vec![b'a'; 65 * 1024]);
        assert_eq!(refused("record", huge.end()).await, Code::EntryType);
    }
}

#[tokio::test]
async fn two_sizes_for_one_member_are_refused_both_ways() {
    let smuggled = make().file("SMUGGLED", b"evil").end();
    let inner =
        make().pax(&[("size", &smuggled.len().to_string())]).raw(header(b"a", b'0', 0), &smuggled).end();
    assert_eq!(refused("0 to n", inner).await, Code::EntryType);
    let outer = make().pax(&[("size", "0")]).file("a", &smuggled).end();
    assert_eq!(refused("n to 0", outer).await, Code::EntryType);
    let agreeing = make().pax(&[("size", "1")]).file("a", b"x").end();
    assert!(accepted(agreeing).await.has_file(&path("a")));
}

#[tokio::test]
async fn malformed_and_doubled_extension_records_are_refused() {
    for record in ["12 path=", "8 path=a\n", "9 path=a\n9 path=b\n", "x", "9 path=a\0", "999 a=b\n", " a=b\n"]
    {
        let archive = make().member(b"p", b'x', record.as_bytes(), "").file("a", b"x").end();
        assert_eq!(refused(record, archive).await, Code::EntryType, "{record:?}");
    }
    for (key, value) in [("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "1099511627776"), ("size", "-1")]
    {
        let archive = make().pax(&[(key, value)]).file("a", b"x").end();
        assert_eq!(refused(key, archive).await, Code::EntryType, "{key}");
    }
    let twice = make().pax(&[("path", "a")]).pax(&[("path", "b")]).file("c", b"x").end();
    assert_eq!(refused("two records", twice).await, Code::EntryType);
    for kind in *b"LK" {
        let mut old = header(b"old", kind, 2);
        old.as_old_mut().pad = [0; 255];
        let archive = make().raw(old, b"b\0").file("a", b"x").end();
        assert_eq!(refused("an extension in an old header", archive).await, Code::EntryType);
    }
    let both = long_name(b'L', b"a\0").pax(&[("path", "b")]).file("c", b"x").end();
    assert_eq!(refused("two names", both).await, Code::EntryType);
    assert_eq!(refused("no member", make().pax(&[("path", "a")]).end()).await, Code::EntryType);
    let global = make().member(b"g", b'g', pax_line("path", "../x").as_bytes(), "").file("a", b"x").end();
    assert_eq!(refused("global path", global).await, Code::EntryType);
}

#[tokio::test]
async fn numbers_and_checksums_must_be_right() {
    let mut negative = header(b"a", b'0', 0);
    negative.as_old_mut().size = [0xff; 12];
    assert_eq!(refused("size -1", make().raw(negative, b"").end()).await, Code::EntryType);
    let mut words = header(b"a", b'0', 0);
    words.as_old_mut().size = *b"hello world\0";
    assert_eq!(refused("size in words", make().raw(words, b"").end()).await, Code::EntryType);
    let mut wrong = make().file("a", b"x").end();
    wrong[0] = b'b';
    assert_eq!(refused("checksum", wrong).await, Code::EntryType);
    let mut signed = make().member("é".as_bytes(), b'0', b"x", "").end();
    let sum = signed[..512].iter().enumerate();
    let sum: i32 =
        sum.map(|(at, byte)| if (148..156).contains(&at) { 32 } else { i32::from(byte.cast_signed()) }).sum();
    signed[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    assert_eq!(refused("signed checksum", signed).await, Code::EntryType);
}

#[tokio::test]
async fn what_follows_the_end_is_refused_and_what_ends_early_too() {
    let mut behind = make().file("a", b"x").end();
    behind.extend(make().file("b", b"x").end());
    assert_eq!(refused("behind the end", behind).await, Code::EntryType);
    let mut one_block = make().file("a", b"x").0;
    one_block.extend([0; 512]);
    one_block.extend(make().file("b", b"x").end());
    assert_eq!(refused("behind one zero block", one_block).await, Code::EntryType);
    let whole = make().file("a", &[b'x'; 2000]).end();
    assert_eq!(refused("in the data", whole[..1500].to_vec()).await, Code::EntryType);
    assert_eq!(refused("in a header", whole[..700].to_vec()).await, Code::EntryType);
    let zipped = gzip(&whole);
    assert_eq!(refused("in the gzip", zipped[..zipped.len() - 6].to_vec()).await, Code::EntryType);
    let framed = zstd(&whole);
    assert_eq!(refused("in the zstd", framed[..framed.len() - 6].to_vec()).await, Code::EntryType);
    let mut garbage = zipped;
    garbage.extend(b"garbage behind");
    assert_eq!(refused("behind the gzip", garbage).await, Code::EntryType);
}

#[tokio::test]
async fn a_bomb_ends_at_a_limit() {
    let zeros = make().file("zeros", &vec![0; 100 << 20]).end();
    assert_eq!(refused("gzip", gzip(&zeros)).await, Code::ArchiveLimit);
    assert_eq!(refused("zstd", zstd(&zeros)).await, Code::ArchiveLimit);
    let members: Vec<u8> = zeros.chunks(1 << 20).flat_map(gzip).collect();
    assert_eq!(refused("members", members).await, Code::ArchiveLimit);
    let mut wide = zstd::Encoder::new(Vec::new(), 1).unwrap();
    wide.window_log(27).unwrap();
    wide.long_distance_matching(true).unwrap();
    std::io::Write::write_all(&mut wide, &make().file("a", &vec![7; 20 << 20]).end()).unwrap();
    assert_eq!(refused("window", wide.finish().unwrap()).await, Code::EntryType);
    assert_eq!(refused("gz in gz", gzip(&gzip(&make().file("a", b"x").end()))).await, Code::EntryType);
    let mut named = gzip(b"");
    named[3] |= 8;
    named.splice(10..10, vec![b'n'; 1 << 20]);
    assert_eq!(refused("gzip file name of a MiB", named).await, Code::EntryType);
}

#[tokio::test]
async fn the_limits_on_bytes_hold_before_the_bytes_are_there() {
    let large = make().raw(header(b"large", b'0', 129 << 20), b"");
    assert_eq!(refused("one file", large.0).await, Code::ArchiveLimit);
    let place = Place::new();
    let small = SourceLimits { total_bytes: 1000, ..SourceLimits::default() };
    let intake = ArchiveIntake { source: small, ..ArchiveIntake::default() };
    let two = make().file("a", &[b'x'; 600]).file("worst", &[b'x'; 600]).end();
    let error = place.take_as(two.clone(), intake.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::ArchiveLimit);
    assert!(error.to_string().contains("worst") && error.to_string().contains("1000"), "{error}");
    let body = ArchiveLimits { body_bytes: 1024, ..ArchiveLimits::default() };
    let intake = ArchiveIntake { archive: body, ..ArchiveIntake::default() };
    assert_eq!(place.take_as(two, intake).await.unwrap_err().code(), Code::BodyTooLarge);
}

#[tokio::test]
async fn what_is_no_archive_is_told_by_its_first_bytes() {
    let tar = make().file("a", b"x").end();
    for body in
        [&b"PK\x03\x04 zip"[..], b"7z\xbc\xaf\x27\x1c", b"<html></html>", b"BZh9", b"", b"\x00", b"{}"]
    {
        assert_eq!(refused(&format!("{body:?}"), body.to_vec()).await, Code::UnsupportedMediaType);
    }
    let place = Place::new();
    let said = |kind| ArchiveIntake { declared: Some(kind), ..ArchiveIntake::default() };
    let error = place.take_as(tar.clone(), said(ArchiveKind::Gzip)).await.unwrap_err();
    assert_eq!(error.code(), Code::UnsupportedMediaType);
    for (kind, body) in
        [(ArchiveKind::Tar, tar.clone()), (ArchiveKind::Gzip, gzip(&tar)), (ArchiveKind::Zstd, zstd(&tar))]
    {
        place.take_as(body.clone(), said(kind)).await.unwrap();
        place.take(body).await.unwrap();
    }
}

#[tokio::test]
async fn node_modules_and_git_are_left_out_with_a_warning() {
    let place = Place::new();
    let many = (0..60_000).fold(make(), |made, at| made.file(&format!("app/node_modules/f{at}"), b""));
    let archive = gzip(&many.file(".git/config", b"[core]").file("app/a", b"x").end());
    let snapshot = place.take(archive.clone()).await.unwrap();
    assert_eq!(snapshot.info.files, 1);
    assert_eq!(snapshot.info.warnings, [".git/ was left out", "app/node_modules/ was left out"]);
    let prebuilt = ArchiveIntake { use_as: ArchiveUse::Prebuilt, ..ArchiveIntake::default() };
    assert_eq!(place.take_as(archive, prebuilt).await.unwrap_err().code(), Code::ArchiveLimit);
}

#[tokio::test]
async fn the_wrapping_folder_of_a_code_host_is_taken_off_and_any_other_kept() {
    let comment = pax_line("comment", &"9f".repeat(20));
    let from_git = make().member(b"pax_global_header", b'g', comment.as_bytes(), "");
    let wrapped =
        |made: Making| made.folder("repo-main/").file("repo-main/a/b", b"x").link("repo-main/l", "a/b").end();
    assert!(accepted(wrapped(from_git.clone())).await.has_file(&path("a/b")));
    assert!(accepted(wrapped(make())).await.has_file(&path("repo-main/a/b")));
    let flat = from_git.clone().file("x/a", b"x").file("b", b"x").end();
    assert!(accepted(flat).await.has_file(&path("x/a")));
    let reaching = from_git.folder("r/").link("r/l", "../r/a").end();
    assert!(accepted(reaching).await.get(&path("r/l")).is_some());
}
