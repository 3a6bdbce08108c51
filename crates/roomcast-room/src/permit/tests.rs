//! Every operation against every role and grant.

use super::*;

/// One row: what is asked, and whether host, speaker, viewer and operator may.
type Row = (Operation, [bool; 4]);

const EVERYONE: [bool; 4] = [true, true, true, false];
const ON_STAGE: [bool; 4] = [true, true, false, false];
const HOSTS: [bool; 4] = [true, false, false, false];
const HOSTS_AND_OPERATORS: [bool; 4] = [true, false, false, true];
const VIEWERS: [bool; 4] = [false, false, true, false];
const NOBODY: [bool; 4] = [false; 4];

fn table() -> Vec<Row> {
    use Operation as O;
    vec![
        (O::Join, EVERYONE),
        (O::Announce([Source::Camera].into()), ON_STAGE),
        (O::Publish([Source::Screen, Source::ScreenAudio].into()), ON_STAGE),
        (O::Publish(BTreeSet::new()), ON_STAGE),
        (O::Unpublish, EVERYONE),
        (O::TrackMuted, EVERYONE),
        (O::Subscribe, EVERYONE),
        (O::Watch, EVERYONE),
        (O::Prefer, EVERYONE),
        (O::Answer, EVERYONE),
        (O::Chat, EVERYONE),
        (O::ChatWhileClosed, HOSTS),
        (O::Rename, EVERYONE),
        (O::Mute, HOSTS_AND_OPERATORS),
        (O::Silence, HOSTS_AND_OPERATORS),
        (O::Remove, HOSTS_AND_OPERATORS),
        (O::ChatOpen, HOSTS_AND_OPERATORS),
        (O::Audience, HOSTS),
        (O::Link, EVERYONE),
        (O::LinkState, EVERYONE),
        (O::Relink, EVERYONE),
        (O::Receiving, EVERYONE),
        (O::Direct, EVERYONE),
        (O::RaiseHand, VIEWERS),
        (O::LowerHand, EVERYONE),
        (O::RaiseHandOf, NOBODY),
        (O::LowerHandOf, HOSTS),
        (O::LeaveStage, EVERYONE),
        (O::Stage, HOSTS_AND_OPERATORS),
        (O::Settings, HOSTS_AND_OPERATORS),
        (O::Admit, HOSTS_AND_OPERATORS),
        (O::MediaTrouble, EVERYONE),
        (O::End, HOSTS_AND_OPERATORS),
        (O::Leave, EVERYONE),
        (O::Ping, EVERYONE),
    ]
}

const ROLES: [Role; 3] = [Role::Host, Role::Speaker, Role::Viewer];

/// Every combination of grants, with no source, one and all of them.
fn every_grants() -> Vec<Grants> {
    let sources = [BTreeSet::new(), [Source::Camera].into(), Source::ALL.into()];
    let flags = (0..16_u8).map(|bits| [1, 2, 4, 8].map(|bit| bits & bit != 0));
    let one = |[subscribe, chat, moderate, admin]: [bool; 4], publish: &BTreeSet<Source>| Grants {
        publish: publish.clone(),
        subscribe,
        chat,
        moderate,
        admin,
    };
    flags.flat_map(|flags| sources.each_ref().map(|publish| one(flags, publish))).collect()
}

/// What the grants leave of what a role may do, said in another way than the code does.
fn is_granted(operation: &Operation, grants: &Grants) -> bool {
    use Operation as O;
    match operation {
        O::Announce(sources) | O::Publish(sources) => {
            sources.iter().all(|source| grants.publish.contains(source))
        }
        O::Subscribe | O::Watch | O::Prefer | O::Answer => grants.subscribe,
        O::Chat | O::Direct => grants.chat,
        O::RaiseHand => grants.publish.iter().next().is_some(),
        O::ChatWhileClosed | O::Audience | O::LowerHandOf => grants.moderate,
        O::Mute | O::Silence | O::Remove | O::ChatOpen => grants.moderate,
        O::Stage | O::Settings | O::Admit | O::End => grants.moderate,
        _ => true,
    }
}

#[test]
fn every_operation_is_for_those_of_the_table_and_as_far_as_their_grants_go() {
    for (operation, [host, speaker, viewer, operator]) in table() {
        for (role, by_role) in ROLES.into_iter().zip([host, speaker, viewer]) {
            let by_itself = Authority::Participant(role, Grants::of_role(role));
            assert_eq!(permits(&by_itself, &operation).is_ok(), by_role, "{operation:?} {role:?}");
            for grants in every_grants() {
                let expected = by_role && is_granted(&operation, &grants);
                let permitted = permits(&Authority::Participant(role, grants.clone()), &operation);
                assert_eq!(permitted.is_ok(), expected, "{operation:?} {role:?} {grants:?}");
            }
        }
        let permitted = permits(&Authority::Operator, &operation);
        assert_eq!(permitted.is_ok(), operator, "{operation:?} by an operator");
    }
}

#[test]
fn every_refusal_is_forbidden_and_says_why() {
    for (operation, _) in table() {
        let nothing = Authority::Participant(Role::Viewer, Grants::default());
        for authority in [nothing, Authority::Operator] {
            if let Err(refusal) = permits(&authority, &operation) {
                assert_eq!(refusal.code, ErrorCode::Forbidden);
                assert!(refusal.message.len() > 10, "{}", refusal.message);
            }
        }
    }
}

#[test]
fn every_message_stands_in_the_table() {
    let table = table();
    let stands = |operation: &Operation| {
        let kind = std::mem::discriminant(operation);
        table.iter().any(|(row, _)| std::mem::discriminant(row) == kind)
    };
    for text in MESSAGES {
        let message: ClientMessage = serde_json::from_str(text).unwrap();
        for asker in [None, Some(&ParticipantId("me".into()))] {
            assert!(stands(&Operation::of(&message, asker)), "{text}");
        }
    }
    let unknown = serde_json::from_str::<ClientMessage>(r#"{"type":"?"}"#).unwrap_err();
    let kinds = unknown.to_string().matches('`').count() / 2 - 1;
    let tested: BTreeSet<_> = MESSAGES.iter().filter_map(|text| text.split('"').nth(3)).collect();
    assert_eq!(tested.len(), kinds, "a message is missing here");
}

#[test]
fn it_matters_whom_a_message_is_about() {
    let me = ParticipantId("me".into());
    let of = |text: &str| Operation::of(&serde_json::from_str(text).unwrap(), Some(&me));
    for (text, operation) in [
        (r#"{"type":"hand","raised":true}"#, Operation::RaiseHand),
        (r#"{"type":"hand","raised":false,"participant":"me"}"#, Operation::LowerHand),
        (r#"{"type":"hand","raised":false,"participant":"you"}"#, Operation::LowerHandOf),
        (r#"{"type":"hand","raised":true,"participant":"you"}"#, Operation::RaiseHandOf),
        (r#"{"type":"stage","participant":"me","on":false}"#, Operation::LeaveStage),
        (r#"{"type":"stage","participant":"me","on":true}"#, Operation::Stage),
        (r#"{"type":"stage","participant":"you","on":false}"#, Operation::Stage),
        (r#"{"type":"direct","to":[],"stream":"chat","data":""}"#, Operation::Chat),
        (r#"{"type":"direct","to":[],"stream":"file","data":""}"#, Operation::Direct),
    ] {
        assert_eq!(of(text), operation, "{text}");
    }
}

const MESSAGES: &[&str] = &[
    r#"{"type":"join","version":1,"room":"r","name":"n"}"#,
    r#"{"type":"announce","tracks":[]}"#,
    r#"{"type":"publish","sdp":"","tracks":[]}"#,
    r#"{"type":"unpublish"}"#,
    r#"{"type":"track-muted","source":"camera","muted":true}"#,
    r#"{"type":"subscribe"}"#,
    r#"{"type":"watch","sdp":""}"#,
    r#"{"type":"prefer","pictures":[]}"#,
    r#"{"type":"answer","offer":1,"sdp":""}"#,
    r#"{"type":"chat","text":""}"#,
    r#"{"type":"rename","name":"n"}"#,
    r#"{"type":"mute","participant":"p","source":"camera","muted":true}"#,
    r#"{"type":"silence","participant":"p","silenced":true}"#,
    r#"{"type":"remove","participant":"p"}"#,
    r#"{"type":"chat-open","open":true}"#,
    r#"{"type":"audience"}"#,
    r#"{"type":"link","to":"p","link":1,"candidate":null}"#,
    r#"{"type":"link-state","participant":"p","link":1,"state":"failed"}"#,
    r#"{"type":"relink","participant":"p"}"#,
    r#"{"type":"receiving","participant":"p","via":"node"}"#,
    r#"{"type":"direct","to":[],"stream":"file","data":""}"#,
    r#"{"type":"hand","raised":true}"#,
    r#"{"type":"hand","raised":false,"participant":"p"}"#,
    r#"{"type":"stage","participant":"me","on":false}"#,
    r#"{"type":"settings"}"#,
    r#"{"type":"admit","participant":"p","admitted":true}"#,
    r#"{"type":"media-trouble","where":"link","cause":"lost"}"#,
    r#"{"type":"end"}"#,
    r#"{"type":"leave"}"#,
    r#"{"type":"ping"}"#,
];
