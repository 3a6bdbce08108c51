//! What is wrong with publications: told to their owner and to hosts when it begins and when it is
//! over, and to those of them who come in between.

use roomcast_protocol::{Codec, PublicationId, PublicationTrouble, ServerMessage, Source};

use super::Room;
use crate::input::SessionId;
use crate::participant::Participant;
use crate::roster::Arrival;

impl Room {
    /// The media engine sees something in what comes in.
    pub(super) fn publication_troubled(
        &mut self,
        session: SessionId,
        publication: PublicationId,
        trouble: PublicationTrouble,
        over: bool,
    ) {
        let Some(who) = self.publisher_of(session) else { return };
        let participant = self.roster.get(who);
        let source = participant.and_then(|p| p.publisher.source_of(publication));
        if let Some(source) = source {
            self.set_trouble(who, source, trouble, over);
        }
    }

    /// A receiver can decode a publication, or cannot; or the other way than before.
    pub(super) fn decoding_began(
        &mut self,
        publication: PublicationId,
        able: bool,
        codec: Codec,
        before: Option<bool>,
    ) {
        self.decoding_ended(before.map(|able| (publication, able)));
        self.decoding.begin(publication, able, codec);
    }

    /// Receivers do not count any more.
    pub(super) fn decoding_ended(
        &mut self,
        states: impl IntoIterator<Item = (PublicationId, bool)>,
    ) {
        for (publication, able) in states {
            self.decoding.end(publication, able);
        }
    }

    /// Tells of publications that nobody can decode, and of those that someone can again.
    pub(super) fn settle_decoding(&mut self) {
        for publication in self.decoding.take_changed() {
            let codec = self.decoding.hopeless(publication);
            let owner = self.roster.stage().find_map(|(who, participant)| {
                Some((who, participant.publisher.source_of(publication)?))
            });
            let Some((who, source)) = owner else { continue };
            match codec {
                Some(codec) => {
                    self.set_trouble(who, source, PublicationTrouble::Undecodable { codec }, false);
                }
                None => self.end_troubles(who, |named, trouble| {
                    named == source && matches!(trouble, PublicationTrouble::Undecodable { .. })
                }),
            }
        }
    }

    /// What the media engine saw in a publisher session that is over.
    pub(super) fn end_troubles_of_session(&mut self, who: Arrival) {
        self.end_troubles(who, |_, t| !matches!(t, PublicationTrouble::Undecodable { .. }));
    }

    /// Some of what was wrong is not any more.
    pub(super) fn end_troubles(
        &mut self,
        who: Arrival,
        which: impl Fn(Source, PublicationTrouble) -> bool,
    ) {
        let Some(participant) = self.roster.get(who) else { return };
        let troubles = participant.publisher.troubles.iter();
        let over: Vec<_> = troubles.filter(|(source, trouble)| which(*source, *trouble)).collect();
        for (source, trouble) in over {
            self.set_trouble(who, source, trouble, true);
        }
    }

    /// Tells someone who has come or is back what is wrong, as far as it concerns them.
    pub(super) fn tell_troubles(&mut self, who: Arrival) {
        let all = self.roster.get(who).is_some_and(Participant::moderates);
        let concerned = self.roster.stage().filter(|(owner, _)| all || *owner == who);
        let messages: Vec<_> = concerned
            .flat_map(|(_, p)| p.publisher.troubles.iter().map(|(s, t)| message(p, s, t, false)))
            .collect();
        for message in messages {
            self.tell(who, message);
        }
    }

    fn set_trouble(
        &mut self,
        who: Arrival,
        source: Source,
        trouble: PublicationTrouble,
        over: bool,
    ) {
        let Some(participant) = self.roster.get_mut(who) else { return };
        if !participant.publisher.troubles.set(source, trouble, over) {
            return;
        }
        let moderates = participant.moderates();
        let message = message(participant, source, trouble, over);
        if !moderates {
            self.tell(who, message.clone());
        }
        self.tell_hosts(&message);
    }
}

fn message(
    owner: &Participant,
    source: Source,
    trouble: PublicationTrouble,
    over: bool,
) -> ServerMessage {
    ServerMessage::PublicationTrouble { participant: owner.id.clone(), source, trouble, over }
}
