//! Key frames: from a subscriber's wish, over the directory, to the publisher.

use std::time::Instant;

use super::Shard;
use crate::ids::PublicationId;
use crate::key_frames::Urgency;
use crate::layers::LayerSet;
use crate::media::MediaKind;
use crate::message::Message;
use crate::transmit::Transmits;

impl Shard {
    /// A subscriber of this shard wants a key frame of a layer.
    pub(super) fn want_key_frame(&mut self, id: PublicationId, layer: u8, urgency: Urgency) {
        if self.has_origin(id) {
            self.ask_publisher(id, layer, urgency);
        } else {
            let publication = id;
            self.tell_keeper_of(id, Message::KeyFrameWanted { publication, layer, urgency });
        }
    }

    /// Notes that the publisher is to be asked, at the next flush or when it may be asked again.
    pub(super) fn ask_publisher(&mut self, id: PublicationId, layer: u8, urgency: Urgency) {
        let Some(publication) = self.publication_mut(id) else { return };
        let is_video = publication.format.is_none_or(|f| f.kind() == MediaKind::Video);
        if is_video {
            publication.key_frames.want(layer, urgency);
            if !self.asking.contains(&id) {
                self.asking.push(id);
            }
        }
    }

    pub(super) fn ask_for_key_frames(&mut self, now: Instant, sink: &mut impl Transmits) {
        for id in std::mem::take(&mut self.asking) {
            let Some(publication) = self.publication_mut(id) else { continue };
            let layers = publication.asks_for_key_frames(now);
            let goes_on = publication.key_frames.deadline().is_some();
            if let (Some(key), Some(layers)) = (publication.origin, layers) {
                self.ask_session(now, key, (id, layers), sink);
            }
            if goes_on {
                self.asking.push(id);
            }
        }
    }

    fn ask_session(
        &mut self,
        now: Instant,
        key: usize,
        which: (PublicationId, LayerSet),
        sink: &mut impl Transmits,
    ) {
        self.counters.key_frames_asked += 1;
        self.drive(key, |session, scratch| {
            session.key_frames_asked += 1;
            session.guarded(|session| {
                if let Some((publisher, rtc)) = session.publisher() {
                    publisher.request_key_frame(rtc, which, now);
                }
                Ok(())
            })?;
            session.advance(now, sink, scratch)
        });
    }

    /// A subscriber of another shard wants a key frame.
    pub(super) fn key_frame_wanted(
        &mut self,
        publication: PublicationId,
        layer: u8,
        urgency: Urgency,
    ) {
        if self.has_origin(publication) {
            self.ask_publisher(publication, layer, urgency);
        } else if self.is_keeper_of(publication)
            && let Some(origin) = self.directory.origin(publication)
            && origin != self.config.id
        {
            self.tell(origin, Message::KeyFrameWanted { publication, layer, urgency });
        }
    }
}
