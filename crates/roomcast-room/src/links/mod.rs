//! Links, as far as a pair or a list alone decides them: which pairs there are, which path each of
//! the two receives by, and which pairs a room wants.

mod pair;
mod pairs;
mod undelivered;
mod wish;

pub(crate) use pair::{Key, Pair, Side};
pub(crate) use pairs::Pairs;
pub(crate) use undelivered::{Kept, MAX_UNDELIVERED, Undelivered};
pub use wish::TOPOLOGY_CALM;
pub(crate) use wish::{Shape, Wish};
