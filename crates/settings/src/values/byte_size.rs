//! Sizes in bytes as people write them.

use std::fmt;
use std::str::FromStr;

use super::{BadValue, number_and_unit};

/// A number of bytes: `512MiB`, `4GiB`, `1000kB`, `65536`.
///
/// Units with an `i` count in 1,024s, the others in 1,000s; a bare letter (`512M`) counts in 1,024s, as Docker's flags do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// A size of that many bytes.
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The same in whole mebibytes, rounded down: a measured size for people, who do not read its last digits.
    #[must_use]
    pub const fn in_mebibytes(self) -> Self {
        Self(self.0 >> 20 << 20)
    }

    /// The number of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<ByteSize> for u64 {
    fn from(size: ByteSize) -> Self {
        size.0
    }
}

impl FromStr for ByteSize {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let (number, unit) = number_and_unit(text)?;
        let bytes = number.checked_mul(factor(unit)?);
        bytes.map(Self).ok_or_else(|| BadValue::new("it is too large"))
    }
}

fn factor(unit: &str) -> Result<u64, BadValue> {
    Ok(match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        _ => {
            return Err(BadValue::new(format!("“{unit}” is no unit of size; write for example 512MiB")));
        }
    })
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1_u64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        let whole = units.iter().find(|(size, _)| self.0 >= *size && self.0.is_multiple_of(*size));
        match whole {
            Some((size, unit)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_parse_and_print_as_people_write_them() {
        for (text, bytes, printed) in [
            ("512MiB", 512 << 20, "512MiB"),
            ("4 GiB", 4 << 30, "4GiB"),
            ("512m", 512 << 20, "512MiB"),
            ("1kB", 1_000, "1000"),
            ("0", 0, "0"),
            ("16777216", 16 << 20, "16MiB"),
        ] {
            let size: ByteSize = text.parse().unwrap();
            assert_eq!((size.get(), size.to_string().as_str()), (bytes, printed), "{text}");
        }
    }

    #[test]
    fn a_measured_size_is_shown_without_its_last_digits() {
        assert_eq!(ByteSize::bytes((63 << 20) + 4_711).in_mebibytes().to_string(), "63MiB");
        assert_eq!(ByteSize::bytes(4_711).in_mebibytes().to_string(), "0");
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in
            ["", "MiB", "-1", "1.5GiB", "12 parsecs", "99999999999999999999", "18446744073709551615KiB"]
        {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
