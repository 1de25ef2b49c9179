//! One measured figure, for people or for scripts.

use serde_json::json;

use crate::console::say;

/// How figures are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Print {
    /// For people.
    Text,
    /// One JSON object a line (contract §9).
    Json,
}

/// Samples of ours and of the rival, in seconds.
pub(crate) struct Figure<'a> {
    pub(crate) name: &'a str,
    pub(crate) ours: Vec<f64>,
    /// Empty where there is nothing to compare with.
    pub(crate) rival: Vec<f64>,
}

impl Figure<'_> {
    /// Prints the medians, their ratio and the samples.
    pub(crate) fn print(&self, how: Print) {
        let (ours, rival) = (median(&self.ours), median(&self.rival));
        let ratio = ours.zip(rival).filter(|(_, rival)| *rival > 0.0).map(|(ours, rival)| ours / rival);
        match how {
            Print::Json => say(&json!({
                "name": self.name, "unit": "s", "ours": ours, "rival": rival, "ratio": ratio, "samples": self.ours,
            })
            .to_string()),
            Print::Text => say(&format!("{:<28} {}{}", self.name, seconds(ours), compared(rival, ratio))),
        }
    }
}

fn seconds(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value < 0.0001 => format!("{:.2} µs", value * 1_000_000.0),
        Some(value) if value < 0.1 => format!("{:.2} ms", value * 1000.0),
        Some(value) => format!("{value:.3} s"),
    }
}

fn compared(rival: Option<f64>, ratio: Option<f64>) -> String {
    let ratio = ratio.map(|ratio| format!(", ratio {ratio:.2}")).unwrap_or_default();
    if rival.is_none() { String::new() } else { format!("   (rival {}{ratio})", seconds(rival)) }
}

/// The middle sample; of an even number the mean of the two in the middle.
pub(crate) fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        Some(upper)
    } else {
        sorted.get(middle - 1).map(|lower| f64::midpoint(*lower, upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
