//! What happens in rooms, as receivers of webhooks read it.

use roomcast_protocol::server::Role;
use roomcast_protocol::{Client, Identity, ParticipantId, PublicationId, RoomName, Source};
use roomcast_room::{Attendee, Happening, Published};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::store::webhooks::Head;

/// The types of events.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
pub(crate) enum EventType {
    /// A room was opened anew.
    #[serde(rename = "room.opened")]
    RoomOpened,
    /// A room was ended, and its name is free.
    #[serde(rename = "room.ended")]
    RoomEnded,
    /// Someone came into a room.
    #[serde(rename = "participant.joined")]
    ParticipantJoined,
    /// A participant is gone for good.
    #[serde(rename = "participant.left")]
    ParticipantLeft,
    /// A participant publishes a camera, microphone or screen.
    #[serde(rename = "publication.started")]
    PublicationStarted,
    /// A participant does not publish it any more.
    #[serde(rename = "publication.stopped")]
    PublicationStopped,
}

impl EventType {
    /// Every type.
    pub(crate) const ALL: [Self; 6] = [
        Self::RoomOpened,
        Self::RoomEnded,
        Self::ParticipantJoined,
        Self::ParticipantLeft,
        Self::PublicationStarted,
        Self::PublicationStopped,
    ];

    /// Of something that happened.
    pub(super) fn of(happening: &Happening) -> Self {
        match happening {
            Happening::RoomOpened => Self::RoomOpened,
            Happening::RoomEnded => Self::RoomEnded,
            Happening::ParticipantJoined(..) => Self::ParticipantJoined,
            Happening::ParticipantLeft(..) => Self::ParticipantLeft,
            Happening::PublicationStarted(..) => Self::PublicationStarted,
            Happening::PublicationStopped(..) => Self::PublicationStopped,
        }
    }

    /// As it stands in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RoomOpened => "room.opened",
            Self::RoomEnded => "room.ended",
            Self::ParticipantJoined => "participant.joined",
            Self::ParticipantLeft => "participant.left",
            Self::PublicationStarted => "publication.started",
            Self::PublicationStopped => "publication.stopped",
        }
    }
}

/// What an event tells beside its type, time and room.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    participant: Option<&'a ParticipantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Client>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'a Identity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<PublicationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

impl<'a> Detail<'a> {
    fn of(happening: &'a Happening) -> Self {
        match happening {
            Happening::RoomOpened | Happening::RoomEnded => Self::default(),
            Happening::ParticipantJoined(attendee) => Self::of_attendee(attendee),
            Happening::ParticipantLeft(attendee, cause) => {
                Self { cause: Some(cause.as_str()), ..Self::of_attendee(attendee) }
            }
            Happening::PublicationStarted(published) | Happening::PublicationStopped(published) => {
                Self::of_published(published)
            }
        }
    }

    fn of_attendee(attendee: &'a Attendee) -> Self {
        Self {
            participant: Some(&attendee.participant),
            name: Some(&attendee.name),
            role: Some(attendee.role),
            client: Some(attendee.client),
            identity: attendee.identity.as_ref(),
            ..Self::default()
        }
    }

    fn of_published(published: &'a Published) -> Self {
        Self {
            participant: Some(&published.participant),
            publication: Some(published.publication),
            source: Some(published.source),
            ..Self::default()
        }
    }
}

/// What is kept of it: a JSON object.
pub(super) fn detail(happening: &Happening) -> String {
    serde_json::to_string(&Detail::of(happening)).unwrap_or_default()
}

/// What is sent.
#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    r#type: &'a str,
    at: u64,
    room: &'a RoomName,
    number: u64,
    #[serde(flatten)]
    detail: Map<String, Value>,
}

/// The body of a delivery. It is the same at each try.
pub(super) fn body(room: &RoomName, head: &Head) -> String {
    let body = Body {
        id: &head.id.0,
        r#type: &head.event,
        at: head.at,
        room,
        number: head.number,
        detail: serde_json::from_str(&head.detail).unwrap_or_default(),
    };
    serde_json::to_string(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use roomcast_room::LeaveCause;
    use serde_json::json;

    use super::*;
    use crate::store::webhooks::DeliveryId;

    #[test]
    fn the_types_are_spelled_alike_everywhere() {
        for event in EventType::ALL {
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
    }

    #[test]
    fn a_body_tells_what_happened_when_and_as_which_of_its_room() {
        let attendee = Attendee {
            participant: ParticipantId("p1".into()),
            name: "Ann \"A\"".into(),
            role: Role::Speaker,
            client: Client::Whip,
            identity: None,
        };
        let happening = Happening::ParticipantLeft(attendee, LeaveCause::Lost);
        let head = Head {
            id: DeliveryId("0a".into()),
            event: EventType::of(&happening).as_str().into(),
            number: 7,
            at: 1_700_000_000_123,
            since: 0,
            detail: detail(&happening),
        };
        let room = RoomName::parse("Größe 直播").unwrap();
        let read: Value = serde_json::from_str(&body(&room, &head)).unwrap();
        let expected = json!({
            "id": "0a", "type": "participant.left", "at": 1_700_000_000_123_u64,
            "room": "Größe 直播", "number": 7, "participant": "p1", "name": "Ann \"A\"",
            "role": "speaker", "client": "whip", "cause": "lost",
        });
        assert_eq!(read, expected);
    }
}
