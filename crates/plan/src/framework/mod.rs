//! The frameworks that are known, as data: one row for each line of `data/frameworks.tsv`, first match wins.

mod detect;
mod presets;

pub(crate) use detect::{detect, detect_program};
pub use presets::{Detect, PRESETS, Preset};
