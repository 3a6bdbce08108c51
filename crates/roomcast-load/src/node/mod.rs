//! What the node costs: processor time, memory, and its own counters.

mod metrics;
mod process;

pub(crate) use metrics::{Counters, scrape};
pub(crate) use process::{Process, Usage};
