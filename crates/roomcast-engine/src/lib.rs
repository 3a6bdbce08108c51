//! The media engine: one thread per core, each with a socket, a media core, timers and mailboxes.
//!
//! This is the shell around `roomcast-sfu` and `roomcast-turn`: it reads sockets in batches, feeds the
//! cores, lays what they send side by side for each destination and sends it in groups. It decides
//! nothing about media, nor about who may relay. Shards exchange owned values through bounded queues and never wait for each other: a full
//! media queue drops and counts, a full control queue is a bug that is logged.

mod config;
mod demultiplex;
mod engine;
mod mailbox;
mod outgoing;
mod relay;
mod report;
mod running;
mod stats;
mod worker;

pub use config::{Config, Turn};
pub use engine::Engine;
pub use roomcast_sfu::{
    ClosedReason, Codec, Command, Event, LayerReport, MediaKind, OfferedLayer, OfferedTrack, Path,
    Patience, Preference, PublicationId, PublicationTrouble, PublishedTrack, Quality, Reception,
    RefusedReason, SessionId, SessionKind, SessionReport, SessionState, Standing, TrackReport,
    WantedPublication,
};
pub use stats::{DropCause, Stats};
