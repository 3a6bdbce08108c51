//! The media side: peers that send and receive real SRTP, on few threads without a runtime.

mod count;
mod footage;
mod gaps;
mod identity;
mod layers;
mod loss;
mod outcome;
mod peer;
mod picture;
mod publisher;
mod stamp;
mod thread;
mod track;
mod viewer;

#[cfg(test)]
mod tests;

pub(crate) use count::Count;
pub(crate) use footage::Footage;
pub(crate) use identity::Identity;
pub(crate) use layers::{Layer, Settings};
pub(crate) use outcome::{Joined, Outcome, Reached};
pub(crate) use thread::{Handle, Shared, start};
pub(crate) use track::{Kind, Tracks};
