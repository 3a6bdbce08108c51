//! The table of residents: where a `PATCH` or a `DELETE` finds the one that it is for, and how many
//! there may be.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roomcast_protocol::{ErrorCode, Refusal, RoomName};
use tokio::sync::mpsc;

use super::Protocol;
use super::resident::Command;
use crate::address_limit::AddressLimit;
use crate::prefix::Prefix;
use crate::secret::Secret;

/// Residents of a node: as many as a full room has participants.
const MAX_RESIDENTS: usize = 10_000;

/// Residents of one address: a whole university may sit behind one, but it may not take all.
const MAX_RESIDENTS_PER_PREFIX: usize = MAX_RESIDENTS / 2;

/// How much more than a second's sessions one address may begin at once, after a pause.
const BURST_FACTOR: u32 = 4;

/// Commands that may wait for one resident. Who asks beyond it waits.
const COMMANDS: usize = 8;

/// Where a session is found. Its last part is a secret: whoever knows it may end the session.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Address {
    pub(super) protocol: Protocol,
    pub(super) room: RoomName,
    pub(super) session: String,
}

impl Address {
    /// One that never was.
    pub(super) fn random(protocol: Protocol, room: RoomName) -> Self {
        Self { protocol, room, session: Secret::random().reveal() }
    }

    /// As a path, with the room's name percent-encoded (RFC 3986 section 2.1).
    pub(super) fn to_path(&self) -> String {
        use fmt::Write as _;
        let mut path = format!("/{}/", self.protocol);
        for byte in self.room.as_str().bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                path.push(char::from(byte));
            } else {
                let _ = write!(path, "%{byte:02X}");
            }
        }
        path.push('/');
        path + &self.session
    }
}

impl fmt::Debug for Address {
    /// Without the secret, which logs must not hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{:?}/…", self.protocol, self.room)
    }
}

/// A handle of the table. Its lock is held for a moment by each request.
#[derive(Clone)]
pub(crate) struct Residents {
    table: Arc<Mutex<Table>>,
}

struct Table {
    mailboxes: HashMap<Address, mpsc::Sender<Command>>,
    all: usize,
    by_prefix: HashMap<Prefix, usize>,
    arrivals: AddressLimit,
}

/// The place of one resident, free again when this is gone.
pub(super) struct Place {
    pub(super) address: Address,
    prefix: Prefix,
    residents: Residents,
}

impl Residents {
    /// An empty table. One address may begin `per_second` sessions.
    pub(crate) fn new(per_second: u32) -> Self {
        let burst = per_second.saturating_mul(BURST_FACTOR);
        let table = Table {
            mailboxes: HashMap::new(),
            all: 0,
            by_prefix: HashMap::new(),
            arrivals: AddressLimit::new(per_second, burst),
        };
        Self { table: Arc::new(Mutex::new(table)) }
    }

    /// Takes a place for a resident from `prefix`, who reads its commands from what is returned.
    ///
    /// # Errors
    /// [`ErrorCode::RateLimited`] or [`ErrorCode::NodeFull`].
    pub(super) fn take_place(
        &self,
        address: Address,
        prefix: Prefix,
    ) -> Result<(Place, mpsc::Receiver<Command>), Refusal> {
        let mut table = self.table();
        if !table.arrivals.allows(prefix) {
            let message = "too many sessions were begun from this address; wait a moment";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let of_prefix = table.by_prefix.get(&prefix).copied().unwrap_or(0);
        if table.all >= MAX_RESIDENTS || of_prefix >= MAX_RESIDENTS_PER_PREFIX {
            let message = "this node has as many such sessions as it may have; try again later";
            return Err(Refusal::new(ErrorCode::NodeFull, message));
        }
        table.all += 1;
        table.by_prefix.insert(prefix, of_prefix + 1);
        let (mailbox, commands) = mpsc::channel(COMMANDS);
        table.mailboxes.insert(address.clone(), mailbox);
        Ok((Place { address, prefix, residents: self.clone() }, commands))
    }

    /// The resident of an address, if there is one.
    pub(super) fn find(&self, address: &Address) -> Option<mpsc::Sender<Command>> {
        self.table().mailboxes.get(address).cloned()
    }

    /// The same, and nobody finds it any more.
    pub(super) fn withdraw(&self, address: &Address) -> Option<mpsc::Sender<Command>> {
        self.table().mailboxes.remove(address)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.residents.table();
        table.mailboxes.remove(&self.address);
        table.all = table.all.saturating_sub(1);
        if let Some(of_prefix) = table.by_prefix.get_mut(&self.prefix) {
            *of_prefix = of_prefix.saturating_sub(1);
            if *of_prefix == 0 {
                table.by_prefix.remove(&self.prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(room: &str) -> Address {
        Address::random(Protocol::Whip, RoomName::parse(room).unwrap())
    }

    fn prefix(text: &str) -> Prefix {
        Prefix::of(text.parse().unwrap())
    }

    #[test]
    fn a_place_is_found_by_its_address_until_it_is_given_back() {
        let residents = Residents::new(1_000);
        let address = address("room");
        let (place, _commands) =
            residents.take_place(address.clone(), prefix("192.0.2.1")).unwrap();
        assert!(residents.find(&address).is_some());
        assert!(residents.withdraw(&address).is_some());
        assert!(residents.find(&address).is_none());
        drop(place);
        let table = residents.table();
        assert!(table.all == 0 && table.by_prefix.is_empty() && table.mailboxes.is_empty());
    }

    #[test]
    fn one_address_cannot_take_all_places() {
        let residents = Residents::new(u32::MAX);
        let (greedy, other) = (prefix("192.0.2.1"), prefix("192.0.2.2"));
        let mut places = Vec::new();
        let refusal = loop {
            match residents.take_place(address("room"), greedy) {
                Ok(place) => places.push(place),
                Err(refusal) => break refusal,
            }
        };
        assert_eq!((refusal.code, places.len()), (ErrorCode::NodeFull, MAX_RESIDENTS_PER_PREFIX));
        assert!(residents.take_place(address("room"), other).is_ok());
    }

    #[test]
    fn one_address_cannot_begin_sessions_without_a_pause() {
        let residents = Residents::new(1);
        let refused =
            (0..100).find_map(|_| residents.take_place(address("room"), prefix("192.0.2.1")).err());
        assert_eq!(refused.unwrap().code, ErrorCode::RateLimited);
    }

    #[test]
    fn the_name_of_a_room_is_encoded_in_its_path() {
        let address = Address { session: "s".into(), ..address("Größe 1/2?") };
        assert_eq!(address.to_path(), "/whip/Gr%C3%B6%C3%9Fe%201%2F2%3F/s");
        assert!(!format!("{:?}", self::address("room")).contains(&address.session.repeat(2)));
    }
}
