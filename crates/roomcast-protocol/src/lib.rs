//! The words that Roomcast speaks with the outside: ids, WebSocket messages, error codes, limits.
//!
//! This crate holds serde types and the rules that a value alone decides (is this a name? is this
//! text too long?). It knows no room, no connection and no media: what a message *means* is decided
//! in `roomcast-room`. `docs/PROTOCOL.md` is its manual for third parties, and a test parses every
//! example there with these types.

pub mod client;
pub mod error;
pub mod grants;
pub mod ids;
pub mod limits;
pub mod link;
pub mod media;
pub mod quality;
pub mod server;
pub mod settings;
pub mod trouble;

pub use client::{ClientMessage, Request};
pub use error::{Blame, ErrorCode, Refusal};
pub use grants::{Client, Grants};
pub use ids::{DisplayName, Identity, ParticipantId, PublicationId, RoomName};
pub use link::Path;
pub use media::{Codec, MediaKind, Source};
pub use quality::{Preference, PublishedLayer, Quality, Reception, Standing, Struggling};
pub use server::ServerMessage;
pub use settings::{RoomKind, Topology};
pub use trouble::{PublicationTrouble, TroubleCause, TroublePlace};

/// The version of the signaling protocol. A client names the one it speaks in `join`; a node
/// refuses those it does not speak with [`ErrorCode::VersionUnsupported`].
pub const PROTOCOL_VERSION: u32 = 1;
