//! What shards tell each other. The engine carries these as owned values in bounded queues.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::codec::Format;
use crate::command::Command;
use crate::ids::{PublicationId, SessionId, ShardId};
use crate::key_frames::Urgency;
use crate::layers::LayerSet;
use crate::packet::MediaPacket;
use crate::quality::OfferedLayer;
use crate::session::Session;

/// A message from one shard to another.
#[derive(Debug)]
pub struct ShardMessage(pub(crate) Message);

impl ShardMessage {
    /// Whether this is media: dropped and counted when the queue is full. Everything else is
    /// control: it must arrive.
    pub fn is_media(&self) -> bool {
        matches!(self.0, Message::Media { .. } | Message::Datagram(_))
    }
}

#[derive(Debug)]
pub(crate) enum Message {
    /// A command for a session that has moved there.
    Command(Command),
    /// The session of this ufrag belongs to the sender. To the directory.
    Registered { ufrag: String },
    /// The session of this ufrag is gone. To the directory.
    Unregistered { ufrag: String },
    /// The publication comes in at the sender. To the directory.
    Published { publication: PublicationId },
    /// It does not any more. To the directory.
    Unpublished { publication: PublicationId },
    /// Whether a shard has subscribers for a publication. To the directory, which passes it on to
    /// the shard where the publication comes in.
    Interest { publication: PublicationId, shard: ShardId, on: bool },
    /// A subscriber wants a key frame of a layer. Takes the same way.
    KeyFrameWanted { publication: PublicationId, layer: u8, urgency: Urgency },
    /// Which layers are taken at a shard. Takes the same way.
    LayersTaken { publication: PublicationId, shard: ShardId, layers: LayerSet },
    /// What the publisher says of its layers. To shards that have subscribers.
    LayersOffered { publication: PublicationId, offered: Arc<[OfferedLayer]> },
    /// Packets for the receiver's subscribers.
    Media {
        publication: PublicationId,
        format: Format,
        packets: Arc<[MediaPacket]>,
        replayed: bool,
    },
    /// What was kept of a publication is to be forgotten.
    Silenced { publication: PublicationId },
    /// A datagram for a session of another shard.
    Datagram(StrayDatagram),
    /// A session that waited at the sender and whose first valid check landed at the receiver.
    Adopted { session: Box<Session>, datagram: StrayDatagram },
    /// What comes from this address is for a session of the sender.
    Route { remote: SocketAddr },
    /// It is not any more.
    RouteEnded { remote: SocketAddr },
    /// A session that had moved is gone. To the shard where it was opened.
    SessionGone { session: SessionId },
}

/// A datagram that landed at a shard which does not own its session.
#[derive(Debug)]
pub(crate) struct StrayDatagram {
    pub landed: ShardId,
    pub source: SocketAddr,
    pub destination: Option<IpAddr>,
    pub contents: Box<[u8]>,
}
