//! The Node system's routes (contract §1): their clients must keep working against ours.

pub(crate) mod deploy;
pub(crate) mod status;
