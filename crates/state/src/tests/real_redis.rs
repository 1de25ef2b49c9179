//! What only a real Redis can show: foreign hands, lost replies, restarts.

mod absence;
mod foreign_hands;
mod lost_replies;
mod server;

use super::World;
use super::world::{connect, connect_with, id, line, outcome, worker};
