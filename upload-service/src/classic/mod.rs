//! The Node system's routes (contract §1): their clients must keep working against ours.

mod deploy;
mod status;

pub(crate) use deploy::deploy;
pub(crate) use status::status;
