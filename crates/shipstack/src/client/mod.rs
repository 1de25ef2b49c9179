//! Talking to a running shipstack.

mod api;
mod error;
mod follow;

pub(crate) use api::{Api, ClientArgs};
pub(crate) use error::ApiError;
pub(crate) use follow::follow;
