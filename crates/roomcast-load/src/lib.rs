//! The load generator: one who publishes and a crowd of viewers that behave like browsers, in a room
//! of a node or through any server that speaks WHIP and WHEP.
//!
//! It comes in by the front door: signaling, ICE, DTLS, SRTP, NACK, PLI. Each packet of
//! the synthetic picture and sound carries a number and a time, so that loss, order and added
//! latency are measured and not guessed. It knows nothing of the server's inside; what it says about
//! processor time it reads from `/proc`, and about groups from `/metrics`.

mod args;
mod clip;
mod command;
mod histogram;
mod media;
mod node;
mod report;
mod run;
mod signaling;
mod target;

pub use args::{Args, Codec, Goal, Split};
pub use command::execute;
pub use report::Report;
pub use run::{Progress, run};
