//! A share of the machine's processors.

use std::fmt;
use std::str::FromStr;

use super::BadValue;

/// Processors, in thousandths: `2`, `0.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpus(u64);

impl Cpus {
    /// Thousandths of one processor.
    pub const fn millis(self) -> u64 {
        self.0
    }
}

impl FromStr for Cpus {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let millis =
            millis(whole, part).ok_or_else(|| BadValue::new("it has to be a number such as 2 or 0.5"))?;
        match millis {
            // Docker refuses less.
            0..10 => Err(BadValue::new("it has to be at least 0.01")),
            _ => Ok(Self(millis)),
        }
    }
}

fn millis(whole: &str, part: &str) -> Option<u64> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 5 || part.len() > 3 {
        return None;
    }
    let thousandths: u64 = format!("{part:0<3}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * 1_000 + thousandths)
}

impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1_000, self.0 % 1_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_count_in_thousandths() {
        for (text, millis, printed) in [("2", 2_000, "2"), ("0.5", 500, "0.5"), ("10.25", 10_250, "10.25")] {
            let cpus: Cpus = text.parse().unwrap();
            assert_eq!((cpus.millis(), cpus.to_string().as_str()), (millis, printed));
        }
        for text in ["", "0", "0.001", "0.0001", "-1", "1e3", "two", "1.", ".5", "NaN", "123456"] {
            assert!(text.parse::<Cpus>().is_err(), "{text}");
        }
    }
}
