//! The words of the protocol as OpenAPI sees them: strings with a list of values.
//!
//! The types are the protocol's own, which knows nothing of OpenAPI. A test holds both together.

use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    Array, ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type,
};

const ROOM_KINDS: &[&str] = &["live", "call"];
const TOPOLOGIES: &[&str] = &["auto", "p2p", "sfu"];
const ROLES: &[&str] = &["host", "speaker", "viewer"];
const AUDIENCE_ROLES: &[&str] = &["speaker", "viewer"];
const SOURCES: &[&str] = &["camera", "microphone", "screen", "screen-audio"];
const CODECS: &[&str] = &["opus", "vp8", "vp9", "h264", "av1"];
const PUBLICATION_TROUBLES: &[&str] = &["no-key-frame", "b-frames", "undecodable", "loss"];
const CLIENTS: &[&str] = &["page", "whip", "whep"];
const STANDINGS: &[&str] = &["good", "limited", "poor"];
const PLACES: &[&str] = &["publisher", "subscriber", "link"];
const CAUSES: &[&str] = &[
    "no-udp",
    "only-relay",
    "turn-unreachable",
    "turn-refused",
    "no-candidates",
    "no-answer",
    "lost",
    "unknown",
];

pub(super) fn room_kind() -> Object {
    one_of(ROOM_KINDS, "What a room is for.")
}

pub(super) fn topology() -> Object {
    one_of(TOPOLOGIES, "How media travels: by links, through the node, or as the size asks.")
}

pub(super) fn role() -> Object {
    one_of(ROLES, "What a participant may do.")
}

pub(super) fn source() -> Object {
    one_of(SOURCES, "What a publication shows or sounds.")
}

pub(super) fn sources() -> Array {
    ArrayBuilder::new().items(source()).unique_items(true).build()
}

/// A source in a path.
pub(super) struct SourceWord;

impl PartialSchema for SourceWord {
    fn schema() -> RefOr<Schema> {
        source().into()
    }
}

pub(super) fn codec() -> Object {
    one_of(CODECS, "A codec that the node forwards.")
}

pub(super) fn publication_trouble() -> Object {
    one_of(PUBLICATION_TROUBLES, "What is wrong with a publication.")
}

pub(super) fn session_kind() -> Object {
    one_of(&["publisher", "subscriber"], "Whether the peer sends or receives.")
}

pub(super) fn session_state() -> Object {
    one_of(&["new", "up", "lost"], "Not up yet, up, or up once and silent now.")
}

pub(super) fn session_path() -> Object {
    let what = "Straight, by this node's relay over UDP, or by its relay over TCP or TLS.";
    one_of(&["direct", "relay", "relay-tcp"], what)
}

pub(super) fn client() -> Object {
    one_of(CLIENTS, "By what a participant came.")
}

pub(super) fn standing() -> Object {
    one_of(STANDINGS, "How well what the node sends arrives.")
}

pub(super) fn trouble_place() -> Object {
    one_of(PLACES, "Which connection has trouble.")
}

pub(super) fn trouble_cause() -> Object {
    one_of(CAUSES, "Why media does not get through, as far as a client can tell.")
}

/// Of a field that may be left out; `null` is the same.
fn or_null(word: Object) -> Object {
    let mut word = word;
    word.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    word.enum_values.get_or_insert_default().push(serde_json::Value::Null);
    word
}

pub(super) fn maybe_room_kind() -> Object {
    or_null(room_kind())
}

pub(super) fn maybe_topology() -> Object {
    or_null(topology())
}

pub(super) fn maybe_role() -> Object {
    or_null(role())
}

/// The roles that an operator can give.
pub(super) fn maybe_audience_role() -> Object {
    or_null(one_of(AUDIENCE_ROLES, "On stage, or not."))
}

fn one_of(words: &[&str], what: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().copied()))
        .description(Some(what))
        .build()
}

#[cfg(test)]
mod tests {
    use roomcast_protocol::server::Role;
    use roomcast_protocol::{
        Client, Codec, PublicationTrouble, RoomKind, Source, Standing, Topology, TroubleCause,
        TroublePlace,
    };
    use serde::de::DeserializeOwned;

    use super::*;

    fn same<T: DeserializeOwned>(words: &[&str]) {
        for word in words {
            assert!(serde_json::from_value::<T>((*word).into()).is_ok(), "{word}");
        }
        let Err(unknown) = serde_json::from_value::<T>("?".into()) else { panic!("took `?`") };
        // The message names the unknown word and then all known ones.
        let known = unknown.to_string().matches('`').count() / 2 - 1;
        assert_eq!(known, words.len(), "{unknown}");
    }

    #[test]
    fn openapi_knows_the_words_of_the_protocol() {
        same::<RoomKind>(ROOM_KINDS);
        same::<Topology>(TOPOLOGIES);
        same::<Role>(ROLES);
        same::<Source>(SOURCES);
        same::<Codec>(CODECS);
        same::<Client>(CLIENTS);
        same::<Standing>(STANDINGS);
        same::<TroublePlace>(PLACES);
        same::<TroubleCause>(CAUSES);
        for kind in PUBLICATION_TROUBLES {
            let text = serde_json::json!({"kind": kind, "codec": "vp8", "percent": 3});
            assert!(serde_json::from_value::<PublicationTrouble>(text).is_ok(), "{kind}");
        }
        assert!(AUDIENCE_ROLES.iter().all(|role| ROLES.contains(role)));
    }
}
