//! How sessions fare, for operators: cumulative counters, from which whoever reads twice makes rates.

use std::net::SocketAddr;
use std::time::Duration;

use crate::ids::{PublicationId, SessionId};
use crate::media::Codec;

/// One session. Its counters rise from its beginning on; what is lost may turn out not to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionReport {
    /// Which one.
    pub session: SessionId,
    /// What it is for.
    pub kind: SessionKind,
    /// How it is.
    pub state: SessionState,
    /// Where its media goes; `None` before any has.
    pub path: Option<Path>,
    /// To the peer and back, by the newest RTCP report that tells.
    pub round_trip: Option<Duration>,
    /// What the network to the peer of a subscriber session is found to carry, in bits per second;
    /// `None` where nothing tells.
    pub available: Option<u64>,
    /// Bytes of the datagrams that came from the peer, without UDP and IP headers.
    pub bytes_in: u64,
    /// The same for those that were sent to it.
    pub bytes_out: u64,
    /// Datagrams that came from the peer.
    pub packets_in: u64,
    /// Datagrams that were sent to it.
    pub packets_out: u64,
    /// RTP packets of the peer that were missing when later ones came.
    pub lost_in: u64,
    /// RTP packets to the peer that it did not get, as it reports.
    pub lost_out: u64,
    /// Requests for resends: to the peer of a publisher session, by that of a subscriber session.
    pub nacks: u64,
    /// Key frames that the peer was asked for.
    pub key_frames_asked: u64,
    /// Key frames that the peer asked for.
    pub key_frames_wanted: u64,
    /// What it carries, or has a place for.
    pub tracks: Vec<TrackReport>,
}

/// One publication within a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackReport {
    /// Which one.
    pub publication: PublicationId,
    /// In which codec it travels; `None` before its first packet.
    pub codec: Option<Codec>,
    /// Bytes of RTP payloads; to subscribers without resends.
    pub bytes: u64,
    /// RTP packets; to subscribers without resends.
    pub packets: u64,
    /// As in [`SessionReport::lost_in`] or [`SessionReport::lost_out`]; to subscribers all that was
    /// lost in the same media section.
    pub lost: u64,
    /// Unevenness of arrival (RFC 3550 §6.4.1), here or at the peer; `None` where nothing tells.
    pub jitter: Option<Duration>,
    /// Key frames that came in or were sent.
    pub key_frames: u64,
    /// The layers that come in, or the one that is sent; empty where layers have no names.
    pub layers: Vec<LayerReport>,
}

/// One layer of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerReport {
    /// The `a=rid` of the layer.
    pub rid: String,
    /// Width and height in pixels, as far as they are known.
    pub size: Option<(u16, u16)>,
    /// What came in or was sent lately, in bits per second.
    pub bitrate: u64,
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// The peer sends.
    Publisher,
    /// The peer receives.
    Subscriber,
}

/// How a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// It has not come up yet.
    New,
    /// ICE and DTLS are up.
    Up,
    /// It was up, and nothing comes from the peer any more.
    Lost,
}

/// How media travels between the peer and this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Path {
    /// Straight to the peer, or to a relay that is not this node's.
    Direct,
    /// By a relayed address of this node.
    Relayed {
        /// Whether the peer reaches the relay by TCP or TLS.
        tcp: bool,
    },
}

/// Tells how media travels that goes to an address.
pub type PathOf<'a> = &'a dyn Fn(SocketAddr) -> Path;
