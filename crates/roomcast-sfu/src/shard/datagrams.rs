//! From a datagram to its session. The first byte tells what it is (RFC 9443 §2.1); STUN requests
//! find their session by ufrag, everything else by the address that a request came from before.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use str0m::ice::StunMessage;

use super::{Route, Shard};
use crate::directory::keeper;
use crate::message::{Message, StrayDatagram};
use crate::transmit::Transmits;

impl Shard {
    pub(super) fn datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        destination: Option<IpAddr>,
        contents: &[u8],
        sink: &mut impl Transmits,
    ) {
        let stray =
            |landed| StrayDatagram { landed, source, destination, contents: contents.into() };
        match (Class::of(contents), self.routes.get(&source)) {
            (Class::Other, _) => self.counters.not_media += 1,
            (Class::Check { ufrag }, route) => {
                if route.is_none() && !self.strangers.admits(now, source.ip()) {
                    self.counters.rate_limited += 1;
                } else if let Some(key) = self.by_ufrag.get(ufrag) {
                    let own = self.config.id;
                    self.check(now, *key, &stray(own), sink);
                } else {
                    let landed = stray(self.config.id);
                    self.tell(keeper(ufrag, self.config.shards), Message::Datagram(landed));
                }
            }
            (Class::Media, Some(Route::Session(key))) => {
                let (key, local) = (*key, self.setup.local(source, destination));
                self.drive(key, |session, scratch| {
                    session.receive(now, (source, local), contents, sink, scratch)
                });
            }
            (Class::Media, Some(Route::Shard(owner))) => {
                let owner = *owner;
                let landed = stray(self.config.id);
                self.tell(owner, Message::Datagram(landed));
            }
            (Class::Media, None) => self.counters.unknown_session += 1,
        }
    }

    /// A datagram that landed at another shard, or whose session this shard knows by its directory.
    pub(super) fn stray(
        &mut self,
        now: Instant,
        datagram: StrayDatagram,
        sink: &mut impl Transmits,
    ) {
        if let Class::Check { ufrag } = Class::of(&datagram.contents) {
            if let Some(key) = self.by_ufrag.get(ufrag).copied() {
                self.check(now, key, &datagram, sink);
                return;
            }
            let owner = self.directory.owner(ufrag).filter(|owner| *owner != self.config.id);
            match owner {
                Some(owner) => self.tell(owner, Message::Datagram(datagram)),
                None => self.counters.unknown_session += 1,
            }
            return;
        }
        let (source, destination) = (datagram.source, datagram.destination);
        let Some(Route::Session(key)) = self.routes.get(&source).copied() else {
            self.counters.unknown_session += 1;
            return;
        };
        let local = self.setup.local(source, destination);
        self.drive(key, |session, scratch| {
            session.receive(now, (source, local), &datagram.contents, sink, scratch)
        });
    }

    /// A STUN request for a session of this shard. The first valid one decides where the session
    /// lives (DESIGN decision 6).
    fn check(
        &mut self,
        now: Instant,
        key: usize,
        datagram: &StrayDatagram,
        sink: &mut impl Transmits,
    ) {
        let StrayDatagram { landed, source, destination, contents } = datagram;
        let local = self.setup.local(*source, *destination);
        let Some(session) = self.sessions.get_mut(key) else { return };
        if !session.accepts(now, (*source, local), contents) {
            self.counters.refused += 1;
            return;
        }
        if !self.setup.candidates.contains(&local) {
            session.ensure_local(local);
        }
        if session.addresses.is_empty() && *landed != self.config.id {
            let datagram = StrayDatagram { contents: contents.clone(), ..*datagram };
            self.hand_over(key, *landed, datagram);
            return;
        }
        self.learn(now, key, *source, *landed);
        if nominates(contents) {
            self.leave_silent_paths(now, key, *source);
        }
        self.drive(key, |session, scratch| {
            session.receive(now, (*source, local), contents, sink, scratch)
        });
    }
}

/// Whether a check is for the path that the browser has chosen (RFC 8445 §7.1.2).
fn nominates(check: &[u8]) -> bool {
    StunMessage::parse(check).is_ok_and(|message| message.use_candidate())
}

/// What a datagram is, by its first bytes.
enum Class<'a> {
    /// A STUN binding request with a username: it names the ufrag of the session.
    Check { ufrag: &'a str },
    /// DTLS, RTP, RTCP, or a STUN response.
    Media,
    /// Nothing that a session takes.
    Other,
}

impl<'a> Class<'a> {
    fn of(contents: &'a [u8]) -> Self {
        match contents.first() {
            Some(0..=3) => match StunMessage::parse(contents) {
                Ok(message) if message.is_binding_request() => message
                    .username()
                    .and_then(|name| name.split_once(':'))
                    .map_or(Self::Other, |(ufrag, _)| Self::Check { ufrag }),
                Ok(_) => Self::Media,
                Err(_) => Self::Other,
            },
            Some(20..=63 | 128..=191) => Self::Media,
            _ => Self::Other,
        }
    }
}
