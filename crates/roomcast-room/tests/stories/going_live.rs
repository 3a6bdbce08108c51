//! Publishing.

use std::time::Duration;

use roomcast_protocol::client::PublishedTrack;
use roomcast_protocol::server::SessionKind;
use roomcast_protocol::{ClientMessage, ErrorCode, Refusal, ServerMessage, Source};
use roomcast_room::{MAX_PENDING_PUBLISHES, MediaCommand, MediaEvent, RESUME_GRACE};

use crate::harness::{
    ROOM_NUMBER, World, assert_ok, assert_refused, last_offer, publish, published,
};

const BOTH: &[Source] = &[Source::Camera, Source::Microphone];

fn timeout() -> Refusal {
    Refusal::new(ErrorCode::MediaTimeout, "nothing arrived")
}

#[test]
fn a_host_goes_live_and_viewers_from_before_and_after_receive_it() {
    let mut world = World::new();
    let (host, early) = (world.host("Ann"), world.viewer("Bob"));
    world.subscribe(early);
    assert_eq!(last_offer(&world.heard(early)), None, "there is nothing to offer yet");
    let answer = world.publish(host, BOTH);
    assert!(matches!(answer, ServerMessage::Published { ref sdp, .. } if sdp == "to offer"));
    let heard = world.heard(early);
    let state = heard.iter().find_map(|message| match message {
        ServerMessage::Room(state) => Some(state.clone()),
        _ => None,
    });
    let state = state.expect("everyone is told");
    assert!(state.live);
    assert_eq!(state.live_since, Some(world.unix_ms()));
    let (number, offered, fresh) = last_offer(&heard).unwrap();
    assert_eq!((number, fresh), (1, true));
    assert_eq!(offered, published(&state));
    let late = world.viewer("Cleo");
    assert_eq!(published(&world.welcome(late).room.clone()), offered);
    world.subscribe(late);
    assert_eq!(last_offer(&world.heard(late)).unwrap().1, offered);
}

#[test]
fn ids_begin_with_the_number_of_the_room_and_fit_in_javascript() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.publish(host, BOTH);
    let (session, tracks) = world.last_publish();
    assert_eq!(session.0 >> 32, u64::from(ROOM_NUMBER));
    assert!(tracks.iter().all(|(_, id)| id.0 >> 21 == u64::from(ROOM_NUMBER)));
    assert!(u64::from(u32::MAX) << 21 < 1 << 53, "for the greatest number of a room, too");
}

#[test]
fn viewers_may_not_publish() {
    let mut world = World::new();
    let viewer = world.viewer("Bob");
    assert_refused(&world.publish(viewer, BOTH), ErrorCode::Forbidden);
    assert_eq!(world.media, []);
}

#[test]
fn tracks_that_contradict_each_other_are_refused_before_anything_happens() {
    let mut world = World::new();
    let host = world.host("Ann");
    assert_refused(&world.publish(host, &[Source::Camera; 2]), ErrorCode::Malformed);
    assert_refused(&world.publish(host, &[Source::Camera; 5]), ErrorCode::Malformed);
    let track = PublishedTrack {
        mid: "m".repeat(17),
        source: Source::Camera,
        muted: false,
        layers: Vec::new(),
    };
    let message = ClientMessage::Publish { sdp: String::new(), tracks: vec![track], fresh: true };
    assert_refused(&world.ask(host, message), ErrorCode::Malformed);
    assert_eq!(world.media, []);
}

#[test]
fn a_change_of_tracks_renegotiates_the_session_and_keeps_ids() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, BOTH);
    let (session, _) = world.last_publish();
    let before = published(&world.state(viewer));
    world.publish(host, &[Source::Microphone]);
    assert_eq!(world.last_publish().0, session);
    assert_eq!(published(&world.state(viewer)), [before[1]]);
    world.publish(host, &[Source::Camera, Source::Microphone, Source::Screen]);
    let after = published(&world.state(viewer));
    assert_eq!((after.len(), &after[..2]), (3, &before[..]));
    assert!(!world.media.contains(&MediaCommand::Close { session }));
}

#[test]
fn a_host_who_reloads_the_page_publishes_anew_under_the_same_ids() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.subscribe(viewer);
    world.publish(host, BOTH);
    let (older, _) = world.last_publish();
    let before = published(&world.state(viewer));
    world.forget_what_was_heard();
    world.cut(host);
    let host = world.resume(host);
    assert!(matches!(world.ask(host, publish(BOTH, true)), ServerMessage::Published { .. }));
    let (newer, _) = world.last_publish();
    assert_ne!(older, newer);
    let kinds: Vec<_> =
        world.media.iter().map(|c| matches!(c, MediaCommand::Publish { .. })).collect();
    assert_eq!(kinds, [true, false], "the older session is closed after the newer one began");
    assert_eq!(world.media[1], MediaCommand::Close { session: older });
    assert_eq!(published(&world.state(viewer)), before, "and viewers need no new offer");
}

#[test]
fn a_lost_session_keeps_its_publications_for_the_grace_period() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, BOTH);
    let session = world.last_publish().0;
    world.forget_what_was_heard();
    world.event(MediaEvent::Closed { session, refusal: timeout() });
    let told = ServerMessage::SessionClosed { session: SessionKind::Publisher, refusal: timeout() };
    assert_eq!(world.heard(host), [told]);
    world.pass(RESUME_GRACE - Duration::from_secs(1));
    assert_eq!(world.try_state(viewer), None, "nothing has changed for the others");
    world.ask(host, publish(BOTH, true));
    world.pass(RESUME_GRACE);
    assert_eq!(world.try_state(viewer), None, "and nothing does when it is back");
    let session = world.last_publish().0;
    world.event(MediaEvent::Closed { session, refusal: timeout() });
    world.pass(RESUME_GRACE);
    assert!(published(&world.state(viewer)).is_empty());
}

#[test]
fn unpublishing_ends_the_session_and_may_be_repeated() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, BOTH);
    let session = world.last_publish().0;
    assert_ok(&world.ask(host, ClientMessage::Unpublish));
    assert_eq!(world.media.last(), Some(&MediaCommand::Close { session }));
    let state = world.state(viewer);
    assert!(!state.live && published(&state).is_empty());
    assert_ok(&world.ask(host, ClientMessage::Unpublish));
}

#[test]
fn answers_come_back_to_the_requests_in_order_and_only_few_may_wait() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.engine.held = true;
    let ids: Vec<u32> = (0..MAX_PENDING_PUBLISHES)
        .map(|_| world.send_with_id(host, publish(BOTH, false)))
        .collect();
    assert_refused(&world.publish(host, BOTH), ErrorCode::RateLimited);
    let session = world.last_publish().0;
    world.event(MediaEvent::Published { session, sdp: "first".into() });
    let refusal = Refusal::new(ErrorCode::SdpInvalid, "no");
    world.event(MediaEvent::Refused { session, gone: false, refusal });
    let first = world.answer_to(host, ids[0]).unwrap();
    assert!(matches!(first, ServerMessage::Published { ref sdp, .. } if sdp == "first"));
    assert_refused(&world.answer_to(host, ids[1]).unwrap(), ErrorCode::SdpInvalid);
    assert_eq!(world.answer_to(host, ids[2]), None);
    assert_ok(&world.ask(host, ClientMessage::Unpublish));
    assert_refused(&world.answer_to(host, ids[2]).unwrap(), ErrorCode::OfferStale);
}

#[test]
fn a_refused_offer_changes_nothing_that_was_published() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, BOTH);
    world.forget_what_was_heard();
    world.engine.held = true;
    let id = world.send_with_id(host, publish(&[Source::Screen], true));
    let session = world.last_publish().0;
    let refusal = Refusal::new(ErrorCode::SdpUnusable, "no codec");
    world.event(MediaEvent::Refused { session, gone: true, refusal });
    assert_refused(&world.answer_to(host, id).unwrap(), ErrorCode::SdpUnusable);
    assert_eq!(world.try_state(viewer), None);
    world.pass(RESUME_GRACE);
    assert!(!world.state(viewer).live, "but its session was given up for the refused one");
}

#[test]
fn an_answer_is_not_given_to_another_connection_than_the_one_that_asked() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.engine.held = true;
    world.send_with_id(host, publish(BOTH, false));
    let session = world.last_publish().0;
    let host = world.resume(host);
    world.heard(host);
    world.event(MediaEvent::Published { session, sdp: "answer".into() });
    let heard = world.heard(host);
    assert!(heard.iter().all(|m| matches!(m, ServerMessage::Room(_))), "{heard:?}");
}

#[test]
fn owners_mute_what_they_publish_or_are_about_to() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    let mute = ClientMessage::TrackMuted { source: Source::Camera, muted: true };
    assert_refused(&world.ask(host, mute.clone()), ErrorCode::PublicationUnknown);
    world.publish(host, BOTH);
    assert_ok(&world.ask(host, mute));
    let flags: Vec<_> = world.state(viewer).stage[0].publications.iter().map(|p| p.muted).collect();
    assert_eq!(flags, [true, false]);
    assert!(!world.media.iter().any(|c| matches!(c, MediaCommand::Mute { .. })));
}

#[test]
fn reports_about_sessions_that_are_over_are_ignored() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.publish(host, BOTH);
    let older = world.last_publish().0;
    world.ask(host, publish(BOTH, true));
    world.forget_what_was_heard();
    world.event(MediaEvent::Published { session: older, sdp: "late".into() });
    world.event(MediaEvent::Closed { session: older, refusal: timeout() });
    world.event(MediaEvent::Refused { session: older, gone: true, refusal: timeout() });
    world.event(MediaEvent::Connected { session: older });
    assert_eq!((world.heard(host), world.media.len()), (Vec::new(), 0));
}
