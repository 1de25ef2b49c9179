//! Lists in one value.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use super::BadValue;

/// Values separated by commas; spaces around them and empty ones do not count, so an empty text is an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommaList<T>(Vec<T>);

impl<T> CommaList<T> {
    /// The values in their order.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Default for CommaList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for CommaList<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

impl<T> Deref for CommaList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: FromStr> FromStr for CommaList<T>
where
    T::Err: fmt::Display,
{
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let parsed =
            entries.map(|entry| entry.parse().map_err(|why| BadValue::new(format!("“{entry}”: {why}"))));
        parsed.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_the_entry_that_is_wrong() {
        let list: CommaList<u8> = " 1, 2,,3 ".parse().unwrap();
        assert_eq!(&*list, [1, 2, 3]);
        assert!("".parse::<CommaList<u8>>().unwrap().is_empty());
        let error = "1,x".parse::<CommaList<u8>>().unwrap_err();
        assert!(error.to_string().starts_with("“x”: "), "{error}");
    }
}
