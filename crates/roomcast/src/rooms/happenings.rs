//! Where what happens in rooms is told.

use std::fmt;

use roomcast_protocol::RoomName;
use roomcast_room::Happening;

/// Who hears of it. Called by the tasks of rooms: it must not wait.
pub(crate) trait Happenings: fmt::Debug + Send + Sync {
    /// Notes one thing that happened in a room, in the order in which they happened there.
    fn record(&self, room: &RoomName, happening: Happening);
}
