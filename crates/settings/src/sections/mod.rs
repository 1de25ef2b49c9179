//! The sections: groups of settings that belong to one concern. A service's configuration flattens those it uses.

pub(crate) mod api;
pub(crate) mod build;
pub(crate) mod every;
pub(crate) mod limits;
pub(crate) mod log;
pub(crate) mod serve;
pub(crate) mod source;
pub(crate) mod state;
pub(crate) mod store;
