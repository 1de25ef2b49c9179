//! What readers of logs get is the archive, byte for byte: who reads it in the end, and who followed it while it was
//! written, however often that one was cut off. The archive itself has every line from the first, in order.

use anyhow::{Context as _, Result, ensure};
use futures_util::future::join_all;
use serde_json::Value;

use super::life;
use crate::chaos::client::Client;
use crate::chaos::hits::Harm;
use crate::chaos::ledger::{Broken, Entry, Heard};
use crate::chaos::random::Random;
use crate::chaos::world::World;

const AT_ONCE: usize = 16;
/// Of a line that is shown.
const SHOWN: usize = 160;

pub(super) async fn readers_have_the_archive(world: &World, client: &Client) -> Result<()> {
    let entries: Vec<(String, Entry)> = world.ledger.book().entries.clone().into_iter().collect();
    for some in entries.chunks(AT_ONCE) {
        let keys: Vec<String> = some.iter().map(|(id, _)| format!("output/{id}/build.log.zst")).collect();
        let archives = world.bucket.fetch_many(&keys)?;
        join_all(some.iter().zip(archives).map(|((id, entry), archive)| async move {
            // Whether it has to be there is for `verify` to say.
            let archive = unpacked(&archive.unwrap_or_default());
            match archive {
                Ok(archive) => look_at_log(world, client, (id, entry, &archive)).await,
                Err(error) => {
                    let what = format!("the archive of its log cannot be read: {error:#}");
                    world.ledger.broke(Broken::Half, id, what);
                }
            }
        }))
        .await;
    }
    Ok(())
}

async fn look_at_log(world: &World, client: &Client, (id, entry, archive): (&str, &Entry, &str)) {
    let broke = |broken, what: String| world.ledger.broke(broken, id, what);
    // What is cancelled before anybody took it up has nothing to say.
    let may_be_empty = entry.told.as_deref() == Some("cancelled");
    if let Err(error) = numbered(archive, may_be_empty) {
        broke(Broken::Half, format!("the archive of its log: {error:#}"));
    }
    match client.log(id, &mut Random::new(0)).await {
        Ok(answer) if answer == archive => {}
        Ok(answer) => {
            broke(
                Broken::Half,
                format!("its log is answered with {} bytes, not the archive's", answer.len()),
            );
        }
        Err(error) => broke(Broken::Half, format!("its log cannot be read: {error:#}")),
    }
    if let Some(what) = entry.heard.as_ref().and_then(|heard| differs(heard, archive))
        && !began_anew(world, id, entry)
    {
        broke(Broken::Untrue, what);
    }
}

/// What a holder said while Redis forgot it, and that it could not leave for the next one, nobody has any more: the log
/// begins anew then, and only then.
fn began_anew(world: &World, id: &str, entry: &Entry) -> bool {
    let life = life(world, id, entry);
    world.hits.struck(life, |hit| hit.fault.forgets())
        && world.hits.struck(life, |hit| !hit.fault.forgets() && hit.fault.harm() == Harm::Attempt)
}

/// The text of an archive; none has none.
fn unpacked(archive: &[u8]) -> Result<String> {
    let text = if archive.is_empty() { Vec::new() } else { zstd::decode_all(archive)? };
    Ok(String::from_utf8(text)?)
}

/// From 1, without a gap.
fn numbered(archive: &str, may_be_empty: bool) -> Result<()> {
    ensure!(may_be_empty || !archive.is_empty(), "it is empty");
    ensure!(archive.is_empty() || archive.ends_with('\n'), "its last line has no end");
    for (line, place) in archive.lines().zip(1..) {
        let number = serde_json::from_str::<Value>(line)?.get("seq").and_then(Value::as_u64);
        let number = number.context("a line without a number")?;
        ensure!(number == place, "line {place} has the number {number}");
    }
    Ok(())
}

/// How what a follower heard is not the archive, as far as it followed.
fn differs(heard: &Heard, archive: &str) -> Option<String> {
    let (mut archived, mut place) = (archive.lines(), 0);
    for line in &heard.lines {
        place += 1;
        let kept = archived.next();
        if kept != Some(line) {
            let shown = |line: &str| line.chars().take(SHOWN).collect::<String>();
            let kept = kept.map_or_else(|| "the archive ends".to_owned(), shown);
            return Some(format!("a follower got as line {place} {}, where {kept}", shown(line)));
        }
    }
    let more = archived.count();
    (heard.to_the_end && more > 0)
        .then(|| format!("a follower was told the end {more} lines before it, after line {place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCHIVE: &str =
        "{\"seq\":1,\"text\":\"a\"}\n{\"seq\":2,\"text\":\"b\"}\n{\"seq\":3,\"text\":\"c\"}\n";

    fn heard(lines: &[&str], to_the_end: bool) -> Heard {
        Heard { lines: lines.iter().map(|line| (*line).to_owned()).collect(), to_the_end }
    }

    #[test]
    fn a_follower_has_the_bytes_of_the_archive_as_far_as_it_followed() {
        let lines: Vec<&str> = ARCHIVE.lines().collect();
        assert_eq!(differs(&heard(&lines, true), ARCHIVE), None);
        assert_eq!(differs(&heard(&lines[..2], false), ARCHIVE), None);
        assert!(
            differs(&heard(&lines[..2], true), ARCHIVE).is_some_and(|what| what.contains("1 lines before"))
        );
        let another = [lines[0], "{\"seq\":2,\"text\":\"B\"}"];
        assert!(differs(&heard(&another, false), ARCHIVE).is_some_and(|what| what.contains("line 2")));
        let twice = [lines[0], lines[1], lines[1]];
        assert!(differs(&heard(&twice, false), ARCHIVE).is_some_and(|what| what.contains("line 3")));
        let more = [&lines[..], &["{\"seq\":4}"]].concat();
        assert!(differs(&heard(&more, false), ARCHIVE).is_some_and(|what| what.contains("archive ends")));
    }

    #[test]
    fn an_archive_has_every_line_from_the_first_and_ends_with_a_whole_one() {
        numbered(ARCHIVE, false).unwrap();
        numbered("", true).unwrap();
        let broken =
            ["", "{\"seq\":2}\n", "{\"seq\":1}\n{\"seq\":3}\n", "{\"seq\":1}\n{\"seq\":1}\n", "{\"seq\":1}"];
        for archive in broken {
            assert!(numbered(archive, false).is_err(), "{archive}");
        }
    }

    #[test]
    fn what_was_packed_is_read_and_what_was_cut_is_not() {
        let packed = zstd::encode_all(ARCHIVE.as_bytes(), 3).unwrap();
        assert_eq!(unpacked(&packed).unwrap(), ARCHIVE);
        assert_eq!(unpacked(&[]).unwrap(), "");
        assert!(unpacked(&packed[..packed.len() - 3]).is_err());
    }
}
