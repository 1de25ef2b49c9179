//! The records in the store, and what comes as JSON from elsewhere: what is read is written as the same, byte for byte.

use crate::input::Input;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shipstack_plan::ToolInventory;
use shipstack_types::{
    Birth, BuildOptions, ClaimMark, DeletedMark, EgressReceipt, LogLine, Manifest, ResultRecord, SourceInfo,
};
use std::fmt::Debug;

/// A byte that tells the record, then its JSON.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = input.byte();
    let json = input.rest();
    match kind % 10 {
        0 => {
            reads_as_written::<Birth>(json);
        }
        1 => {
            reads_as_written::<ResultRecord>(json);
        }
        2 => manifest(json),
        3 => {
            reads_as_written::<SourceInfo>(json);
        }
        4 => {
            reads_as_written::<ClaimMark>(json);
        }
        5 => {
            reads_as_written::<DeletedMark>(json);
        }
        6 => {
            reads_as_written::<LogLine>(json);
        }
        7 => options(json),
        8 => {
            reads_as_written::<EgressReceipt>(json);
        }
        _ => {
            reads_as_written::<ToolInventory>(json);
        }
    }
}

pub(crate) fn reads_as_written<T: DeserializeOwned + Serialize + PartialEq + Debug>(
    json: &[u8],
) -> Option<T> {
    let value: T = serde_json::from_slice(json).ok()?;
    let written = serde_json::to_vec(&value).unwrap();
    let again: T = serde_json::from_slice(&written).unwrap();
    assert_eq!(again, value);
    assert_eq!(serde_json::to_vec(&again).unwrap(), written, "two writers write the same bytes");
    Some(value)
}

/// One that was not written by us is not sorted; made anew it is, and finds what it holds.
fn manifest(json: &[u8]) {
    let Some(stored) = reads_as_written::<Manifest>(json) else { return };
    let made = Manifest::new(stored.entries.clone(), stored.rules.clone());
    assert_eq!(Manifest::new(made.entries.clone(), made.rules.clone()), made);
    for entry in &stored.entries {
        assert_eq!(made.find(entry.path.as_str()).map(|found| &found.path), Some(&entry.path));
        assert!(stored.find(entry.path.as_str()).is_none_or(|found| found.path == entry.path));
    }
    assert!(made.total_bytes() >= made.entries.iter().map(|entry| entry.bytes).max().unwrap_or(0));
}

fn options(json: &[u8]) {
    let Some(options) = reads_as_written::<BuildOptions>(json) else { return };
    let checked = options.check();
    assert_eq!(options.over(&BuildOptions::default()), options, "over nothing they are themselves");
    if checked.is_ok() {
        assert!(options.env.keys().all(|name| !name.contains(['=', '\0']) && !name.is_empty()));
        let texts = [&options.install, &options.command, &options.node];
        assert!(texts.into_iter().flatten().all(|text| !text.contains('\0')));
        assert!(options.output.is_none_or(|output| !output.is_root()));
    }
}
