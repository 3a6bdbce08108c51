//! A wish to enter a room, and what its pass is worth there.

use std::sync::Arc;
use std::time::Instant;

use roomcast_protocol::{DisplayName, ErrorCode, Refusal, RoomKind, RoomName};
use roomcast_room::{Admission, ConnectionId};

use super::Outbox;
use crate::auth::{Failures, Opens, Pass};
use crate::prefix::Prefix;
use crate::secret::{Secret, SecretHash};

/// A `join` whose form has been checked, with the pass that the gate gave for it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) room: RoomName,
    pub(crate) name: DisplayName,
    pub(crate) pass: Pass,
    /// Whether they ask to open the room.
    pub(crate) open: bool,
    pub(crate) resume: Option<Secret>,
    pub(crate) links: bool,
    /// What kind of room to open.
    pub(crate) kind: RoomKind,
    pub(crate) re: Option<u32>,
    pub(crate) connection: ConnectionId,
    pub(crate) outbox: Outbox,
    /// Under which name and port the client reached the node.
    pub(crate) asked_host: Arc<str>,
    /// Where the connection comes from.
    pub(crate) prefix: Prefix,
}

/// A room that is to be opened for someone.
#[derive(Debug)]
pub(super) struct FreshRoom {
    pub(super) host_key: SecretHash,
    /// The host key, if its owner does not know it yet and may.
    pub(super) to_hand_out: Option<Secret>,
    pub(super) admission: Admission,
}

impl Entry {
    /// As what they enter a room that exists and has this host key.
    pub(super) fn enter_existing(
        &self,
        expected: SecretHash,
        guesses: &Failures,
    ) -> Result<Admission, Refusal> {
        let Some(host_key) = &self.pass.host_key else {
            // Who comes with a token does not open what is there, but enters it.
            return if self.open && self.pass.opens == Opens::IfAsked {
                Err(exists())
            } else {
                Ok(self.pass.admission.clone())
            };
        };
        let now = Instant::now();
        if guesses.blocks(self.prefix, now) {
            let message = "too many wrong host keys came from this address; wait a minute";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        if expected.fits(host_key) {
            return Ok(self.pass.as_host());
        }
        guesses.count(self.prefix, now);
        if self.open {
            return Err(exists());
        }
        let message = "the host key is not the one of this room";
        Err(Refusal::new(ErrorCode::HostKeyInvalid, message))
    }

    /// The room to be opened for them, where there is none.
    pub(super) fn open_fresh(&self) -> Result<FreshRoom, Refusal> {
        let random = Secret::random();
        match (self.pass.opens, &self.pass.host_key) {
            (Opens::IfAsked, _) if self.open => Ok(FreshRoom {
                host_key: random.hash(),
                to_hand_out: Some(random),
                admission: self.pass.as_host(),
            }),
            (Opens::ByEntering, _) => Ok(FreshRoom {
                host_key: random.hash(),
                to_hand_out: None,
                admission: self.pass.admission.clone(),
            }),
            (Opens::WithHostKey, Some(chosen)) => Ok(FreshRoom {
                host_key: chosen.hash(),
                to_hand_out: None,
                admission: self.pass.as_host(),
            }),
            _ if self.open => {
                let message = "this token does not let you open a room; a host's does";
                Err(Refusal::new(ErrorCode::Forbidden, message))
            }
            _ => {
                let message = "no room of this name is open; its host has to open it";
                Err(Refusal::new(ErrorCode::RoomUnknown, message))
            }
        }
    }
}

fn exists() -> Refusal {
    let message = "a room of this name is open already; its host key opens it again";
    Refusal::new(ErrorCode::RoomExists, message)
}
