//! The types of single values: each parses from the text an operator writes and prints as the same text.

pub(crate) mod byte_size;
pub(crate) mod comma_list;
pub(crate) mod cpus;
pub(crate) mod domain;
pub(crate) mod duration;
pub(crate) mod floor;
pub(crate) mod network;
pub(crate) mod origin;
pub(crate) mod site_url;

/// Why a value is not acceptable, in words that fit behind a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(pub(crate) String);

impl BadValue {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// Splits `"15m"` into `15` and `"m"`.
pub(crate) fn number_and_unit(text: &str) -> Result<(u64, &str), BadValue> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number = digits.parse().map_err(|_| BadValue::new("it has to begin with a whole number"))?;
    Ok((number, unit.trim_start()))
}
