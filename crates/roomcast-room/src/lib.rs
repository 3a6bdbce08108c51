//! The room as a state machine: roles, stage, audience, chat, moderation, links and the paths of
//! media, waiting room, reconnect grace.
//!
//! Pure: no clock, no randomness, no socket, no log. Feed it with [`Room::handle`] (or
//! [`Room::handle_timeout`] when its deadline is reached), then call [`Room::poll`] until it returns
//! [`Output::Timeout`]. A connection belongs to the room from the `welcome` that the room sends to it
//! until the [`Output::Close`] of it or its [`Input::Disconnected`]; what comes from any other
//! connection is ignored, but that who waits to be let in is answered.
//!
//! Deliberately absent: host keys (the shell verifies them and says `host` in [`Join`]), limits per
//! address, SDP (it passes through unread), and everything about packets.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod admission;
mod bars;
mod chat;
mod count;
mod decoding;
mod happening;
mod input;
mod links;
mod output;
mod participant;
mod permit;
mod preferences;
mod publisher;
mod record;
mod room;
mod roster;
mod settings;
mod strugglers;
mod subscriber;
mod timer;
mod token;
mod tracks;
mod troubles;

pub use admission::Admission;
pub use bars::BAR_TIME;
pub use chat::{CHAT_BURST, CHAT_INTERVAL};
pub use count::{COUNT_INTERVAL, COUNTS_PER_SECOND};
pub use happening::{Attendee, Happening, LeaveCause, Published};
pub use input::{ConnectionId, Input, Join, MediaEvent, Now, Opening, SessionId};
pub use links::TOPOLOGY_CALM;
pub use output::{MediaCommand, Output, Patience, StoreCommand, Track};
pub use publisher::MAX_PENDING_PUBLISHES;
pub use record::{ParticipantRecord, Sessions, Standings};
pub use room::{BRIEF_GRACE, PATH_TIME_LIMIT, RESUME_GRACE, Room};
pub use settings::Settings;
pub use strugglers::STRUGGLING_INTERVAL;
pub use tracks::MAX_MID_CHARS;
