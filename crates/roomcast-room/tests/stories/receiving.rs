//! Subscriber sessions.

use roomcast_protocol::server::{ServerMessage, SessionKind, SubscriptionState};
use roomcast_protocol::{ClientMessage, Codec, ErrorCode, PublicationId, Refusal, Source};
use roomcast_room::{MediaCommand, MediaEvent, SessionId};

use crate::harness::{Client, World, assert_ok, assert_refused, last_offer};

fn answer(offer: u32) -> ClientMessage {
    ClientMessage::Answer { offer, sdp: "answer".into() }
}

fn live_room() -> (World, Client, Client) {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    (world, host, viewer)
}

#[test]
fn nobody_receives_their_own_publications() {
    let (mut world, host, _) = live_room();
    world.subscribe(host);
    assert_eq!(last_offer(&world.heard(host)), None);
    let second = world.host("Cleo");
    world.publish(second, &[Source::Microphone]);
    assert_eq!(last_offer(&world.heard(host)).unwrap().1.len(), 1);
    world.subscribe(second);
    assert_eq!(last_offer(&world.heard(second)).unwrap().1.len(), 1);
}

#[test]
fn publications_are_wanted_in_the_order_of_their_ids() {
    let (mut world, _, viewer) = live_room();
    let second = world.host("Cleo");
    world.publish(second, &[Source::ScreenAudio, Source::Screen, Source::Camera]);
    let wanted = world.last_subscribe().1;
    assert_eq!(wanted.len(), 4);
    assert!(wanted.is_sorted());
    let (number, _, fresh) = last_offer(&world.heard(viewer)).unwrap();
    assert_eq!((number, fresh), (1, true), "the next offer waits for the answer to this one");
    assert_ok(&world.ask(viewer, answer(1)));
    let (number, offered, fresh) = last_offer(&world.heard(viewer)).unwrap();
    assert_eq!((number, fresh), (2, false));
    assert_eq!(offered, wanted);
}

#[test]
fn only_the_newest_offer_can_be_answered() {
    let (mut world, _, viewer) = live_room();
    assert_refused(&world.ask(viewer, answer(2)), ErrorCode::OfferStale);
    assert_ok(&world.ask(viewer, answer(1)));
    assert_refused(&world.ask(viewer, answer(1)), ErrorCode::OfferStale);
    let stranger = world.viewer("Cleo");
    assert_refused(&world.ask(stranger, answer(1)), ErrorCode::OfferStale);
}

#[test]
fn an_answer_for_an_older_session_is_not_taken_for_one_of_the_newer() {
    let (mut world, _, viewer) = live_room();
    let (older, _) = world.last_subscribe();
    world.subscribe(viewer);
    let (newer, _) = world.last_subscribe();
    assert!(older != newer && world.media.contains(&MediaCommand::Close { session: older }));
    assert_refused(&world.ask(viewer, answer(1)), ErrorCode::OfferStale);
    let (number, _, fresh) = last_offer(&world.heard(viewer)).unwrap();
    assert_eq!((number, fresh), (2, true));
    assert_ok(&world.ask(viewer, answer(2)));
    let passed_on = MediaCommand::Answer { session: newer, offer: 1, sdp: "answer".into() };
    assert_eq!(world.media.last(), Some(&passed_on));
}

#[test]
fn ice_is_restarted_within_the_session_if_there_is_one() {
    let (mut world, host, viewer) = live_room();
    world.ask(viewer, answer(1));
    let (session, _) = world.last_subscribe();
    let restart = ClientMessage::Subscribe { restart_ice: true };
    assert_ok(&world.ask(viewer, restart.clone()));
    assert_eq!(world.media.last(), Some(&MediaCommand::RestartIce { session }));
    assert!(!last_offer(&world.heard(viewer)).unwrap().2);
    let stranger = world.viewer("Cleo");
    assert_ok(&world.ask(stranger, restart.clone()));
    assert!(last_offer(&world.heard(stranger)).unwrap().2, "without one it begins");
    assert_ok(&world.ask(host, restart.clone()));
    assert_ok(&world.ask(host, restart));
    assert_eq!(last_offer(&world.heard(host)), None, "there is nothing to receive");
}

#[test]
fn an_offer_that_was_lost_with_the_connection_comes_again() {
    let (mut world, _, viewer) = live_room();
    world.heard(viewer);
    world.cut(viewer);
    let back = world.resume(viewer);
    let heard = world.heard(back);
    assert!(matches!(heard[0], ServerMessage::Welcome(_)));
    assert_eq!(last_offer(&heard).map(|(number, ..)| number), Some(1));
    assert_ok(&world.ask(back, answer(1)));
    world.cut(back);
    let back = world.resume(back);
    assert_eq!(last_offer(&world.heard(back)), None, "an answered one does not");
}

#[test]
fn a_receiver_is_told_what_plays_and_what_it_cannot_decode() {
    let (mut world, _, viewer) = live_room();
    let (session, publications) = world.last_subscribe();
    world.heard(viewer);
    let event = |session, publication| MediaEvent::Subscription {
        session,
        publication,
        decodable: false,
        codec: Codec::H264,
    };
    world.event(event(session, publications[0]));
    let told = ServerMessage::Subscription {
        publication: publications[0],
        state: SubscriptionState::CodecUnsupported,
        codec: Some(Codec::H264),
    };
    assert_eq!(world.heard(viewer), std::slice::from_ref(&told));
    world.event(event(session, PublicationId(1)));
    world.event(event(SessionId(1), publications[0]));
    assert_eq!(world.heard(viewer), [], "reports about what was never wanted are ignored");
    world.cut(viewer);
    let back = world.resume(viewer);
    assert!(world.heard(back).contains(&told), "and it is told again to one who was away");
}

#[test]
fn the_end_of_a_session_is_told_to_its_owner_now_or_when_they_are_back() {
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "nothing arrived");
    let (mut world, _, viewer) = live_room();
    let told =
        ServerMessage::SessionClosed { session: SessionKind::Subscriber, refusal: refusal.clone() };
    let (session, _) = world.last_subscribe();
    world.heard(viewer);
    world.event(MediaEvent::Closed { session, refusal: refusal.clone() });
    assert_eq!(world.heard(viewer), std::slice::from_ref(&told));
    world.subscribe(viewer);
    let (session, _) = world.last_subscribe();
    world.cut(viewer);
    world.event(MediaEvent::Closed { session, refusal });
    let back = world.resume(viewer);
    assert_eq!(world.heard(back)[1..2], [told]);
    let back = world.resume(back);
    assert_eq!(world.heard(back).len(), 1, "once is enough");
}

#[test]
fn a_session_whose_answer_was_refused_is_closed_unless_a_newer_offer_is_coming() {
    let (mut world, _, viewer) = live_room();
    let (session, _) = world.last_subscribe();
    world.forget_what_was_heard();
    let refused =
        |code| MediaEvent::Refused { session, gone: false, refusal: Refusal::new(code, "no") };
    world.event(refused(ErrorCode::OfferStale));
    assert_eq!(world.heard(viewer), []);
    world.event(refused(ErrorCode::SdpInvalid));
    assert!(matches!(world.heard(viewer)[..], [ServerMessage::SessionClosed { .. }]));
    assert_eq!(world.media, [MediaCommand::Close { session }]);
}
