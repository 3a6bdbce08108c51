//! The media engine: one thread per core with its sockets, its media core, its timers and mailboxes.

mod config;
mod engine;
mod stats;

pub use config::Config;
pub use engine::Engine;
pub use roomcast_sfu::{
    ClosedReason, Codec, Command, Event, MediaKind, OfferedTrack, PublicationId, PublishedTrack,
    RefusedReason, SessionId, WantedPublication,
};
pub use stats::{DropCause, Stats};
