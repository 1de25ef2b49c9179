//! Lengths of time as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{BadValue, number_and_unit};

/// A length of time: `250ms`, `8s`, `15m`, `24h`, `7d`. Zero is refused: no setting of ours means "no limit".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HumanDuration(Duration);

impl HumanDuration {
    /// The duration itself.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl From<HumanDuration> for Duration {
    fn from(duration: HumanDuration) -> Self {
        duration.0
    }
}

impl From<Duration> for HumanDuration {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for HumanDuration {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let (number, unit) = number_and_unit(text)?;
        let millis = number.checked_mul(millis_per(unit)?);
        match millis {
            Some(0) => Err(BadValue::new("it has to be longer than nothing")),
            Some(millis) if millis <= MAX_MILLIS => Ok(Self(Duration::from_millis(millis))),
            _ => Err(BadValue::new("it is longer than a year")),
        }
    }
}

/// A year: no timer of ours is that long, and deadlines computed from it cannot overflow.
const MAX_MILLIS: u64 = 366 * 86_400_000;

fn millis_per(unit: &str) -> Result<u64, BadValue> {
    Ok(match unit {
        "ms" => 1,
        "s" | "sec" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "" => return Err(BadValue::new("it needs a unit: ms, s, m, h or d")),
        _ => {
            return Err(BadValue::new(format!("“{unit}” is no unit of time; use ms, s, m, h or d")));
        }
    })
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        let whole = units.iter().find(|(size, _)| millis >= *size && millis.is_multiple_of(*size));
        match whole {
            Some((size, unit)) => write!(f, "{}{unit}", millis / size),
            None => write!(f, "{millis}ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_parse_and_print_as_people_write_them() {
        for (text, millis, printed) in [
            ("8s", 8_000, "8s"),
            ("15m", 900_000, "15m"),
            ("24h", 86_400_000, "1d"),
            ("2500ms", 2_500, "2500ms"),
        ] {
            let duration: HumanDuration = text.parse().unwrap();
            assert_eq!(duration.get(), Duration::from_millis(millis), "{text}");
            assert_eq!(duration.to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "15", "0s", "1.5h", "-3s", "soon", "400d", "18446744073709551615d"] {
            assert!(text.parse::<HumanDuration>().is_err(), "{text}");
        }
    }
}
