//! The media core: sessions, publications, subscriptions, forwarding and key frames, on str0m.

mod command;
mod event;
mod ids;
mod media;

pub use command::{Command, PublishedTrack, WantedPublication};
pub use event::{ClosedReason, Event, OfferedTrack, RefusedReason};
pub use ids::{PublicationId, SessionId, ShardId};
pub use media::{Codec, MediaKind};
