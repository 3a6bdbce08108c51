//! Who asks: long-term credentials (RFC 8489 §9.2) of users that last for a while.
//!
//! Nothing is kept for those who have not authenticated. Their answers are as short as they can be:
//! a challenge must carry REALM and NONCE, and is 60 bytes long with a realm of eight, so it is
//! longer than the shortest Allocate request of 28. What that is good for is limited by `Strangers`.
//! Password algorithms are offered where there is room: the request is as long as the offer, or its
//! address is known not to be forged.

use std::net::SocketAddr;
use std::str;
use std::time::Instant;

use crate::credential::User;
use crate::input::Client;
use crate::nonce::Nonce;
use crate::output::RefusedCause;
use crate::server::Server;
use crate::server::requests::{Request, has_room_for_fingerprint};
use crate::stun::{Answer, Message, PasswordAlgorithm, types};
use crate::transmit::Transmits;

/// Why a request is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denial {
    /// It has no credentials.
    Challenge,
    /// Its nonce is old.
    Stale,
    /// Its credentials are wrong or over.
    Wrong(RefusedCause),
    /// It has half of the credentials.
    Incomplete,
}

impl Server {
    /// In the order of RFC 8489 §9.2.4.
    pub(super) fn authenticate<'a>(
        &self,
        now: Instant,
        message: Message<'a>,
        client: Client,
        source: SocketAddr,
    ) -> Result<Request<'a>, Denial> {
        if !message.has_integrity() {
            return Err(Denial::Challenge);
        }
        let attribute = |kind| message.attribute(kind).ok_or(Denial::Incomplete);
        let username = attribute(types::USERNAME)?;
        let realm = attribute(types::REALM)?;
        let nonce = attribute(types::NONCE)?;
        let algorithm = algorithm_of(&message).ok_or(Denial::Incomplete)?;
        let wrong = Denial::Wrong(RefusedCause::WrongCredentials);
        let username = str::from_utf8(username).map_err(|_| wrong)?;
        let user = User::read(username).ok_or(wrong)?;
        if realm != self.config.realm.as_bytes() {
            return Err(wrong);
        }
        let held = self.allocations.of_client(&client).and_then(|key| self.allocations.get(key));
        let own = held.filter(|held| *held.username == *username);
        let key = own.map(|held| held.signature.key.clone());
        let key = key.filter(|key| key.algorithm == algorithm);
        let key =
            key.unwrap_or_else(|| self.passwords.key(username, &self.config.realm, algorithm));
        let signature = key.verifies(&message).ok_or(wrong)?;
        let unix = self.clock.unix(now);
        if !matches!(self.nonces.check(unix, source, nonce), Nonce::Fresh { .. }) {
            return Err(Denial::Stale);
        }
        // What is allocated stays: a call does not break because its user is over.
        if own.is_none() && user.expires <= unix {
            return Err(Denial::Wrong(RefusedCause::ExpiredUser));
        }
        Ok(Request { message, client, source, username, user, signature })
    }

    pub(super) fn deny(
        &mut self,
        now: Instant,
        message: &Message<'_>,
        client: Client,
        source: SocketAddr,
        denial: &Denial,
        transmits: &mut impl Transmits,
    ) {
        let counter = match denial {
            Denial::Challenge => &mut self.counters.challenges,
            Denial::Stale => &mut self.counters.stale_nonces,
            Denial::Wrong(_) => &mut self.counters.unauthorized,
            Denial::Incomplete => &mut self.counters.bad_requests,
        };
        *counter += 1;
        if let Denial::Wrong(cause) = denial {
            let username = message.attribute(types::USERNAME);
            let username = username.and_then(|name| str::from_utf8(name).ok());
            let user = username.and_then(User::read);
            self.tell_refused(source, user.map(|user| user.participant), *cause);
        }
        let answer = match denial {
            Denial::Incomplete => Answer::short_error(message.method(), message.transaction(), 400),
            Denial::Stale => self.challenge(now, message, client, source, 438),
            Denial::Challenge | Denial::Wrong(_) => {
                self.challenge(now, message, client, source, 401)
            }
        };
        let fingerprint = has_room_for_fingerprint(message, &answer, client);
        transmits.to_client(client, &[], &answer.finish(fingerprint), 0);
    }

    fn challenge(
        &self,
        now: Instant,
        message: &Message<'_>,
        client: Client,
        source: SocketAddr,
        code: u16,
    ) -> Answer {
        let unix = self.clock.unix(now);
        let nonce = message.attribute(types::NONCE);
        let nonce = nonce.map(|nonce| self.nonces.check(unix, source, nonce));
        let ours = nonce.is_some_and(|nonce| nonce != Nonce::Foreign);
        let (method, transaction) = (message.method(), message.transaction());
        let base = || {
            let answer = Answer::short_error(method, transaction, code);
            answer.with(types::REALM, self.config.realm.as_bytes())
        };
        let offer = base()
            .with(types::NONCE, self.nonces.issue(unix, source, true).as_bytes())
            .with(types::PASSWORD_ALGORITHMS, &OFFERED);
        let forged = !ours && matches!(client, Client::Udp { .. });
        if forged && offer.length() > message.length() {
            return base().with(types::NONCE, self.nonces.issue(unix, source, false).as_bytes());
        }
        offer
    }
}

/// The password algorithm of a request. `None` if it contradicts what was offered.
fn algorithm_of(message: &Message<'_>) -> Option<PasswordAlgorithm> {
    let offered = message.attribute(types::PASSWORD_ALGORITHMS);
    let chosen = message.attribute(types::PASSWORD_ALGORITHM);
    match (offered, chosen) {
        (None, None) => Some(PasswordAlgorithm::Md5),
        (Some(offered), Some(chosen)) if offered == OFFERED => match chosen {
            [0, 1, 0, 0] => Some(PasswordAlgorithm::Md5),
            [0, 2, 0, 0] => Some(PasswordAlgorithm::Sha256),
            _ => None,
        },
        _ => None,
    }
}

/// PASSWORD-ALGORITHMS: SHA-256, then MD5, both without parameters (RFC 8489 §14.11).
const OFFERED: [u8; 8] = [0, 2, 0, 0, 0, 1, 0, 0];
