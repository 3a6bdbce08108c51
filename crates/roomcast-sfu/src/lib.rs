//! The media core: sessions, publications, subscriptions, forwarding and key frames, on str0m.
//!
//! Pure: no socket, thread, lock or clock. One [`Shard`] is the core of one thread. Give it inputs
//! with [`Shard::handle`], call [`Shard::flush`] after each batch of them, then [`Shard::poll`] until
//! it returns `None`, and come back at [`Shard::deadline`].
//!
//! What is deliberately absent: rooms, roles and names (a shard knows sessions and publications, and
//! forwards what it is told to); sockets (datagrams come and go as values); str0m in the public
//! surface (it breaks monthly; this crate alone knows it).
//!
//! A packet's way: [`Input::Datagram`] → its session → decrypted once → its publication → kept for
//! those who come later → [`Shard::flush`] → each subscription: numbers rewritten, encrypted →
//! [`Transmits`]. Other shards get it as a shared value in a [`ShardMessage`].

// No packet, message or header from outside may panic a shard.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod allocator;
mod arrivals;
mod bits;
mod codec;
mod command;
mod counters;
mod demand;
mod diagnosis;
mod directory;
mod event;
mod flow;
mod frame;
mod ids;
mod key_frames;
mod layers;
mod media;
mod message;
mod packet;
mod publication;
mod quality;
mod reception;
mod red;
mod report;
mod rewrite;
mod run;
mod session;
mod shard;
mod slices;
mod strangers;
mod timers;
mod traffic;
mod transmit;
mod trouble;

pub use command::{Command, Patience, PublishedTrack, WantedPublication};
pub use counters::{Counters, Histogram};
pub use event::{ClosedReason, Event, OfferedTrack, RefusedReason};
pub use ids::{PublicationId, SessionId, ShardId};
pub use media::{Codec, MediaKind};
pub use message::ShardMessage;
pub use quality::{OfferedLayer, Preference, Quality, Reception, Standing};
pub use report::{
    LayerReport, Path, PathOf, SessionKind, SessionReport, SessionState, TrackReport,
};
pub use session::{Identity, IdentityError};
pub use shard::{Input, Output, Shard, ShardConfig, opened_at};
pub use transmit::Transmits;
pub use trouble::PublicationTrouble;
