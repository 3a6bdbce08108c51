//! What other shards say, and what this shard says to itself as a keeper of the directory.

use std::time::Instant;

use super::Shard;
use crate::command::Command;
use crate::directory::Forward;
use crate::event::RefusedReason;
use crate::ids::{PublicationId, ShardId};
use crate::message::Message;
use crate::transmit::Transmits;

impl Shard {
    pub(super) fn message(
        &mut self,
        now: Instant,
        from: ShardId,
        message: Message,
        sink: &mut impl Transmits,
    ) {
        match message {
            Message::Command(command) => {
                // It has moved here; if it is gone by now, it must not be opened here anew.
                let session = command.session();
                if self.by_id.contains_key(&session) {
                    self.command(now, command, sink);
                } else if !matches!(command, Command::Close { .. }) {
                    self.refuse(session, None, RefusedReason::UnknownSession);
                }
            }
            Message::Registered { ufrag } => self.directory.register(ufrag, from),
            Message::Unregistered { ufrag } => self.directory.unregister(&ufrag, from),
            Message::Published { publication } => {
                for forward in self.directory.published(publication, from) {
                    self.pass_on(publication, &forward);
                }
            }
            Message::Unpublished { publication } => self.directory.unpublished(publication, from),
            Message::Interest { publication, shard, on } => {
                self.interest(publication, shard, on);
            }
            Message::KeyFrameWanted { publication, layer, urgency } => {
                self.key_frame_wanted(publication, layer, urgency);
            }
            Message::LayersTaken { publication, shard, layers } => {
                self.layers_taken(now, publication, shard, layers);
            }
            Message::LayersOffered { publication, offered } => {
                self.layers_offered(publication, offered);
            }
            Message::Media { publication, format, packets, replayed: true } => {
                self.take_kept(now, publication, (format, &packets), sink);
            }
            Message::Media { publication, format, packets, replayed: false } => {
                for packet in packets.iter() {
                    self.ingest(publication, format, packet.clone());
                }
            }
            Message::Silenced { publication } => self.silence(publication),
            Message::Datagram(datagram) => self.stray(now, datagram, sink),
            Message::Adopted { session, datagram } => self.adopt(now, session, datagram, sink),
            Message::Route { remote } => self.route_to_shard(remote, from),
            Message::RouteEnded { remote } => self.end_route_to_shard(remote, from),
            Message::SessionGone { session } => {
                self.moved.remove(&session);
            }
        }
    }

    /// To the keeper it tells who has subscribers; the keeper passes it on, and to the shard where
    /// the publication comes in it means: send there, or stop.
    fn interest(&mut self, publication: PublicationId, shard: ShardId, on: bool) {
        let is_origin = self.has_origin(publication);
        let is_keeper = self.is_keeper_of(publication);
        let forward = is_keeper.then(|| self.directory.interest(publication, shard, on)).flatten();
        if let Some(forward) = forward.filter(|f| f.origin != self.config.id) {
            self.pass_on(publication, &forward);
            return;
        }
        if is_origin {
            self.serve_shard(publication, shard, on);
        }
    }

    /// Told to the shard where the publication comes in, which may be this one.
    fn pass_on(&mut self, publication: PublicationId, forward: &Forward) {
        if forward.origin == self.config.id {
            self.serve_shard(publication, forward.interested, forward.on);
        } else {
            let (shard, on) = (forward.interested, forward.on);
            self.tell(forward.origin, Message::Interest { publication, shard, on });
        }
    }
}
