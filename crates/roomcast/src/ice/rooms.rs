//! How rooms ask for servers, and say who left.

use std::time::Duration;

use roomcast_engine::Engine;
use roomcast_protocol::ParticipantId;
use roomcast_protocol::server::IceServer;

use super::{Host, Ice, RENEWAL};
use crate::rooms::IceServers;
use crate::wall_clock::unix_seconds;

/// This node's servers, with the engine that relays.
#[derive(Debug)]
pub(crate) struct RelayServers {
    ice: Ice,
    engine: Engine,
}

impl RelayServers {
    pub(crate) fn new(ice: Ice, engine: Engine) -> Self {
        Self { ice, engine }
    }
}

impl IceServers for RelayServers {
    fn servers(&self, participant: &ParticipantId, asked_host: &str) -> Vec<IceServer> {
        self.ice.servers(participant, Host::of_authority(asked_host).as_ref(), unix_seconds())
    }

    fn renewal(&self) -> Option<Duration> {
        self.ice.inner.own.is_some().then_some(RENEWAL)
    }

    fn revoke(&self, participant: &ParticipantId) {
        self.engine.revoke(&participant.0);
    }
}
