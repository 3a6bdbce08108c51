//! Relayed addresses that have a socket: it is bound before the client gets an answer.

use std::net::SocketAddr;
use std::time::Instant;

use crate::input::BindError;
use crate::output::{ClosedCause, Output};
use crate::server::Server;
use crate::stun::{Answer, Method};
use crate::transmit::Transmits;

impl Server {
    pub(super) fn bound(
        &mut self,
        now: Instant,
        relay: SocketAddr,
        result: Result<(), BindError>,
        transmits: &mut impl Transmits,
    ) {
        // Gone: the client's connection ended meanwhile.
        let Some(key) = self.allocations.of_relay(relay) else { return };
        let Some(held) = self.allocations.get_mut(key) else { return };
        let Some(tries) = held.binding else { return };
        let (client, opening) = (held.client, held.opening);
        let signature = held.signature.clone();
        let answer = match result {
            Ok(()) => {
                held.binding = None;
                self.allocated(key)
            }
            Err(error) => {
                let again = error == BindError::Taken && tries < MAX_TRIES && !opening.redeemed;
                if again && self.bind_another(now, key, tries + 1) {
                    return;
                }
                self.give_up(now, key);
                Some(Answer::error(Method::Allocate, opening.transaction, 508))
            }
        };
        if let Some(answer) = answer {
            let answer = answer.signed(&signature).finish(opening.fingerprint);
            transmits.to_client(client, &[], &answer, 0);
        }
    }

    fn bind_another(&mut self, now: Instant, key: u32, tries: u8) -> bool {
        let Some(held) = self.allocations.get_mut(key) else { return false };
        held.binding = Some(tries);
        let (wanted, token) = (held.opening.wanted, held.opening.token.take());
        let Some(relay) = self.allocations.move_port(key, wanted, &self.config) else {
            return false;
        };
        if let Some(token) = token {
            self.allocations.release(token);
            self.reserve_next(now, key);
        }
        self.outputs.push_back(Output::Bind { relay });
        true
    }

    fn give_up(&mut self, now: Instant, key: u32) {
        self.counters.out_of_capacity += 1;
        if let Some(token) = self.allocations.get(key).and_then(|held| held.opening.token) {
            self.allocations.release(token);
        }
        self.close(now, key, ClosedCause::NoSocket);
    }
}

/// Ports that are tried: where so many are taken, the range is not ours.
const MAX_TRIES: u8 = 8;
