//! The stream of events as Redis answers it.

use crate::{Change, EventPage, StateEvent};
use shipstack_types::Phase;

/// An entry of the stream: its id, and field and value in turn.
pub(crate) type Entry = (String, Vec<String>);

/// The stream is never cut shorter than this (`queue.lua`).
const KEPT: usize = 10_000;
/// The cursor before any event; no entry has it.
pub(super) const BEGINNING: &str = "0-0";

/// Whether Redis would take it as the id of an entry.
pub(crate) fn is_cursor(text: &str) -> bool {
    let number = |part: &str| part.parse::<u64>().is_ok_and(|number| number.to_string() == part);
    text.split_once('-').is_some_and(|(time, count)| number(time) && number(count))
}

/// What follows a cursor, from entries that begin at it; `None` when it is not there (any more). What follows the
/// beginning is known as long as the stream, so many entries now, was never cut.
pub(crate) fn page(after: &str, mut entries: Vec<Entry>, length: usize) -> Option<EventPage> {
    match entries.first() {
        Some((cursor, _)) if cursor == after => drop(entries.remove(0)),
        _ if after == BEGINNING && length < KEPT => {}
        _ => return None,
    }
    let next = entries.last().map_or_else(|| after.to_owned(), |(cursor, _)| cursor.clone());
    // What cannot be read was put there by hand, or by a version that knew less.
    Some(EventPage { events: entries.into_iter().filter_map(event).collect(), next })
}

fn event((cursor, fields): Entry) -> Option<StateEvent> {
    let field = |name: &str| {
        let place = fields.iter().step_by(2).position(|field| field == name)?;
        fields.get(place * 2 + 1).cloned()
    };
    let change = match field("change").as_deref() {
        Some("phase") => Change::Phase,
        Some("deleted") => Change::Deleted,
        _ => Change::State,
    };
    let word = field("word")?;
    // The version before this one told neither status nor phase.
    let status = field("status").unwrap_or_else(|| word.clone());
    Some(StateEvent {
        cursor,
        id: field("id")?.parse().ok()?,
        status: status.parse().ok()?,
        word,
        phase: field("phase").map_or(Some(Phase::Queued), |phase| phase.parse().ok())?,
        claim: field("claim")?.parse().ok()?,
        change,
    })
}
