//! The addresses of a session: where its checks came from, and which shard the network takes them to.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{Route, Shard};
use crate::ids::ShardId;
use crate::message::Message;
use crate::session::Address;

impl Shard {
    /// From now on, what comes from this address belongs to the session. Told with every check, so
    /// that an address which was someone else's meanwhile comes back.
    pub(super) fn learn(&mut self, now: Instant, key: usize, remote: SocketAddr, landed: ShardId) {
        let own = self.config.id;
        let Some(session) = self.sessions.get_mut(key) else { return };
        let via = Some(landed).filter(|shard| *shard != own);
        let known = session.addresses.iter_mut().find(|a| a.remote == remote && a.via == via);
        let mut forgotten = None;
        if let Some(known) = known {
            known.checked = now;
        } else {
            if session.addresses.len() >= MAX_ADDRESSES {
                forgotten = Some(session.addresses.remove(0));
            }
            session.addresses.push(Address { remote, via, since: now, checked: now });
        }
        if let Some(forgotten) = forgotten {
            self.forget_address(key, forgotten);
        }
        self.routes.insert(remote, Route::Session(key));
        if let Some(landed) = via {
            self.tell(landed, Message::Route { remote });
        }
    }

    /// The browser has chosen the path from `chosen`: those on which it has not been heard since that
    /// one came up are dead. str0m by itself would go on sending there for 15 s.
    pub(super) fn leave_silent_paths(&mut self, now: Instant, key: usize, chosen: SocketAddr) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        let Some(since) = session.addresses.iter().find(|a| a.remote == chosen).map(|a| a.since)
        else {
            return;
        };
        let is_silent = |a: &&Address| a.checked < since && now >= a.checked + SILENCE;
        let silent: Vec<_> = session.addresses.iter().filter(is_silent).copied().collect();
        for address in silent {
            if let Some(session) = self.sessions.get_mut(key) {
                session.addresses.retain(|a| a.remote != address.remote || a.via != address.via);
                session.leave(address.remote);
            }
            self.forget_address(key, address);
        }
    }

    /// Undoes [`Shard::learn`].
    pub(super) fn forget_address(&mut self, key: usize, address: Address) {
        if self.routes.get(&address.remote) == Some(&Route::Session(key)) {
            self.routes.remove(&address.remote);
        }
        if let Some(landed) = address.via {
            self.tell(landed, Message::RouteEnded { remote: address.remote });
        }
    }

    pub(super) fn route_to_shard(&mut self, remote: SocketAddr, owner: ShardId) {
        if self.routes.len() < MAX_ROUTES {
            self.routes.insert(remote, Route::Shard(owner));
        }
    }

    pub(super) fn end_route_to_shard(&mut self, remote: SocketAddr, owner: ShardId) {
        if self.routes.get(&remote) == Some(&Route::Shard(owner)) {
            self.routes.remove(&remote);
        }
    }
}

/// Browsers check the path in use every 2.5 s (Chromium) or more often.
const SILENCE: Duration = Duration::from_secs(3);

/// Addresses of one session: a few interfaces, each over IPv4 and IPv6, before and after a NAT has
/// changed its mind.
const MAX_ADDRESSES: usize = 16;

/// Routes in one shard: eight for each of a hundred thousand sessions.
const MAX_ROUTES: usize = 800_000;
