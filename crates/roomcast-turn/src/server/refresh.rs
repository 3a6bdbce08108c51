//! Refresh (RFC 8656 §8), and how allocations end.

use std::time::{Duration, Instant};

use crate::input::Client;
use crate::output::{ClosedCause, Event, Output};
use crate::server::Server;
use crate::server::requests::{Refusal, Request};
use crate::stun::{Answer, types};

impl Server {
    pub(super) fn refresh(
        &mut self,
        now: Instant,
        request: &Request<'_>,
    ) -> Result<Answer, Refusal> {
        let key = self.allocation_of(request)?;
        let wanted = lifetime_in(request)?;
        if let Some(family) = request.message.attribute(types::REQUESTED_ADDRESS_FAMILY) {
            let relay = self.allocations.get(key).map(|held| held.relay);
            let ours = if relay.is_some_and(|relay| relay.is_ipv6()) { 2 } else { 1 };
            if family.first() != Some(&ours) {
                return Err(Refusal::code(443));
            }
        }
        let granted = if wanted == Some(0) { 0 } else { granted(wanted) };
        if granted == 0 {
            self.close(now, key, ClosedCause::ByClient);
        } else {
            let lifetime = Duration::from_secs(u64::from(granted));
            self.allocations.refresh(key, now, lifetime);
        }
        Ok(request.success().with_number(types::LIFETIME, granted))
    }

    pub(super) fn expire(&mut self, now: Instant, key: u32, serial: u32) {
        if self.allocations.has_expired(key, serial, now) {
            self.close(now, key, ClosedCause::Expired);
        }
    }

    pub(super) fn revoke(&mut self, now: Instant, participant: &str) {
        for key in self.allocations.of_participant(participant) {
            self.close(now, key, ClosedCause::Revoked);
        }
    }

    pub(super) fn close(&mut self, now: Instant, key: u32, cause: ClosedCause) {
        let Some(allocation) = self.allocations.remove(key) else { return };
        if self.config.relay.ports.is_some() && cause != ClosedCause::NoSocket {
            self.outputs.push_back(Output::Unbind { relay: allocation.relay });
        }
        if allocation.binding.is_none() {
            self.tell(Event::AllocationClosed {
                participant: allocation.participant().into(),
                relay: allocation.relay,
                cause,
                to_peers: allocation.to_peers,
                to_client: allocation.to_client,
            });
        }
        self.stream_is_idle(now, allocation.client);
    }

    /// The allocation that a request is about, if it is that user's.
    pub(super) fn allocation_of(&self, request: &Request<'_>) -> Result<u32, Refusal> {
        let client: &Client = &request.client;
        let key = self.allocations.of_client(client).ok_or(Refusal::code(437))?;
        let held = self.allocations.get(key).filter(|held| held.binding.is_none());
        let held = held.ok_or(Refusal::code(437))?;
        let own = *held.username == *request.username;
        if own { Ok(key) } else { Err(Refusal::code(441)) }
    }
}

/// LIFETIME of a request, in seconds.
pub(super) fn lifetime_in(request: &Request<'_>) -> Result<Option<u32>, Refusal> {
    let value = request.message.attribute(types::LIFETIME);
    let number = |value: &[u8]| value.try_into().map(u32::from_be_bytes);
    value.map(number).transpose().map_err(|_| Refusal::code(400))
}

/// The lifetime that is given for a wanted one (RFC 8656 §7.2).
pub(super) fn granted(wanted: Option<u32>) -> u32 {
    wanted.unwrap_or(DEFAULT_LIFETIME).clamp(DEFAULT_LIFETIME, MAX_LIFETIME)
}

/// Seconds: RFC 8656 §3.2.
const DEFAULT_LIFETIME: u32 = 600;
/// Seconds: what RFC 8656 §7.2 recommends.
const MAX_LIFETIME: u32 = 3_600;
