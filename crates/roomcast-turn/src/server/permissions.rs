//! CreatePermission (RFC 8656 §10) and ChannelBind (§12.2).

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::allocation::ChannelError;
use crate::config::Config;
use crate::server::Server;
use crate::server::requests::{Refusal, Request};
use crate::stun::{Answer, read_address, types};

impl Server {
    pub(super) fn create_permission(
        &mut self,
        now: Instant,
        request: &Request<'_>,
    ) -> Result<Answer, Refusal> {
        let key = self.allocation_of(request)?;
        let attributes = request.message.attributes();
        let peers: Vec<&[u8]> = attributes
            .filter(|(kind, _)| *kind == types::XOR_PEER_ADDRESS)
            .map(|(_, value)| value)
            .collect();
        if peers.is_empty() {
            return Err(Refusal::code(400));
        }
        let mut addresses: Vec<IpAddr> = Vec::with_capacity(peers.len());
        for peer in peers {
            let peer = self.peer(request, key, peer)?.ip();
            if !addresses.contains(&peer) {
                addresses.push(peer);
            }
        }
        let tick = self.clock.tick(now);
        let held = self.allocations.get_mut(key).ok_or(Refusal::code(437))?;
        if held.permit(&addresses, tick) { Ok(request.success()) } else { Err(Refusal::code(508)) }
    }

    pub(super) fn channel_bind(
        &mut self,
        now: Instant,
        request: &Request<'_>,
    ) -> Result<Answer, Refusal> {
        let key = self.allocation_of(request)?;
        let number = request.message.attribute(types::CHANNEL_NUMBER);
        let number = number.and_then(|value| value.first_chunk::<2>().filter(|_| value.len() == 4));
        let number = number.map(|number| u16::from_be_bytes(*number));
        let number = number.filter(|number| (FIRST_CHANNEL..=LAST_CHANNEL).contains(number));
        let peer = request.message.attribute(types::XOR_PEER_ADDRESS);
        let (Some(number), Some(peer)) = (number, peer) else { return Err(Refusal::code(400)) };
        let peer = self.peer(request, key, peer)?;
        let Config { policy, relay, shards, .. } = &self.config;
        let route = policy.route(peer, relay, *shards).ok_or(Refusal::code(403))?;
        let tick = self.clock.tick(now);
        let held = self.allocations.get_mut(key).ok_or(Refusal::code(437))?;
        match held.bind(number, peer, route, tick) {
            Ok(()) => Ok(request.success()),
            Err(ChannelError::Conflict) => Err(Refusal::code(400)),
            Err(ChannelError::Full) => Err(Refusal::code(508)),
        }
    }

    /// A peer that may have a permission.
    fn peer(&self, request: &Request<'_>, key: u32, value: &[u8]) -> Result<SocketAddr, Refusal> {
        let peer = read_address(value, &request.message.transaction());
        let peer = peer.ok_or(Refusal::code(400))?;
        let relay = self.allocations.get(key).ok_or(Refusal::code(437))?.relay;
        if relay.is_ipv6() != peer.is_ipv6() {
            return Err(Refusal::code(443));
        }
        let permitted = self.config.policy.permits(peer, &self.config.relay);
        if permitted { Ok(peer) } else { Err(Refusal::code(403)) }
    }
}

/// RFC 8656 §12 ends at 0x4FFF. Clients of RFC 5766 use all up to 0x7FFF, and nothing else begins
/// with these bytes.
const FIRST_CHANNEL: u16 = 0x4000;
const LAST_CHANNEL: u16 = 0x7FFF;
