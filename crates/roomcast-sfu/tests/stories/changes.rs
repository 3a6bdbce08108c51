//! What a subscriber receives changes: offers, their numbers, and media sections that are used again.

use roomcast_sfu::{Event, PublicationId, RefusedReason};

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

const SCREEN: PublicationId = PublicationId(3);
const OTHER_MICROPHONE: PublicationId = PublicationId(4);
const EVERYTHING: [(PublicationId, bool); 4] =
    [(CAMERA, true), (MICROPHONE, false), (SCREEN, true), (OTHER_MICROPHONE, false)];

/// Numbers and media sections of the offers that a viewer got.
fn offers(world: &World, who: Who) -> Vec<(u32, usize)> {
    let sections = |description: &str| description.matches("\nm=").count();
    let offer = |e: &&Event| match e {
        Event::Offered { offer, description, .. } => Some((*offer, sections(description))),
        _ => None,
    };
    world.events_of(who).iter().filter_map(offer).collect()
}

fn refusals(world: &World, who: Who) -> Vec<(Option<u32>, RefusedReason)> {
    let refusal = |e: &&Event| match e {
        Event::Refused { offer, reason, .. } => Some((*offer, *reason)),
        _ => None,
    };
    world.events_of(who).iter().filter_map(refusal).collect()
}

#[test]
fn the_media_section_of_a_publication_that_ended_is_used_again() {
    let mut world = World::new(120, 2);
    let host = world.publisher(&EVERYTHING);
    let viewer = world.subscriber(&[(CAMERA, true), (MICROPHONE, false)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    world.subscribe(viewer, &[(MICROPHONE, false)]);
    world.run_ms(300);
    world.subscribe(viewer, &[(MICROPHONE, false), (SCREEN, true)]);
    world.run_ms(1_000);
    assert_eq!(offers(&world, viewer), [(1, 2), (2, 2), (3, 2)], "{world}");
    world.assert_complete(viewer, MICROPHONE);
    world.assert_gapless(viewer, SCREEN);
    let (camera, screen) = (world.clients[viewer].of(CAMERA), world.clients[viewer].of(SCREEN));
    assert_eq!(camera[0].mid, screen[0].mid, "{world}");
    let newest_of_camera = camera.iter().map(|r| r.seq).max().unwrap();
    let oldest_of_screen = screen.iter().map(|r| r.seq).min().unwrap();
    assert_eq!(newest_of_camera + 1, oldest_of_screen, "one stream without a gap; {world}");
}

#[test]
fn a_publication_that_takes_anothers_place_at_once_is_offered_and_arrives() {
    let mut world = World::new(121, 2);
    let host = world.publisher(&EVERYTHING);
    let viewer = world.subscriber(&[(CAMERA, true), (MICROPHONE, false)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    world.subscribe(viewer, &[(SCREEN, true), (OTHER_MICROPHONE, false)]);
    world.run_ms(1_000);
    assert_eq!(offers(&world, viewer), [(1, 2), (2, 2)], "{world}");
    for publication in [SCREEN, OTHER_MICROPHONE] {
        world.assert_complete(viewer, publication);
        assert!(world.clients[viewer].of(publication).len() > 30, "{publication}; {world}");
        let tracks = &world.clients[viewer].tracks;
        let told = tracks.iter().find(|t| t.publication == publication).expect("a track");
        let mid = world.clients[viewer].of(publication)[0].mid;
        assert_eq!(told.mid, mid.to_string(), "{world}");
    }
}

#[test]
fn sound_of_an_older_session_follows_in_the_media_section_of_a_newer_one() {
    let mut world = World::new(122, 2);
    let older = world.publisher(&[(MICROPHONE, false)]);
    let newer = world.publisher(&[(OTHER_MICROPHONE, false)]);
    let viewer = world.subscriber(&[(OTHER_MICROPHONE, false)]);
    world.await_connected(&[older, newer, viewer]);
    world.run_ms(500);
    world.subscribe(viewer, &[(MICROPHONE, false)]);
    world.run_ms(500);
    world.assert_complete(viewer, MICROPHONE);
    // And back: what was missed meanwhile is no gap.
    world.subscribe(viewer, &[(OTHER_MICROPHONE, false)]);
    world.run_ms(500);
    world.subscribe(viewer, &[]);
    world.run_ms(500);
    world.subscribe(viewer, &[(OTHER_MICROPHONE, false)]);
    world.run_ms(500);
    let mut all: Vec<_> = world.clients[viewer].received.iter().map(|r| r.seq).collect();
    all.sort_unstable();
    assert!(all.windows(2).all(|w| w[0] + 1 == w[1]), "{all:?}; {world}");
    world.assert_flows(viewer, OTHER_MICROPHONE);
}

#[test]
fn what_changes_while_an_offer_is_open_goes_into_the_next() {
    let mut world = World::new(123, 1);
    let host = world.publisher(&EVERYTHING);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.clients[viewer].answers = false;
    world.subscribe(viewer, &[(CAMERA, true), (MICROPHONE, false)]);
    world.subscribe(viewer, &[(CAMERA, true), (MICROPHONE, false), (SCREEN, true)]);
    world.subscribe(viewer, &[(CAMERA, true), (SCREEN, true), (OTHER_MICROPHONE, false)]);
    world.run_ms(500);
    assert_eq!(offers(&world, viewer), [(1, 1), (2, 2)], "{world}");
    world.answer_open_offer(viewer);
    world.run_ms(100);
    assert_eq!(offers(&world, viewer), [(1, 1), (2, 2), (3, 3)], "{world}");
    world.answer_open_offer(viewer);
    world.run_ms(1_000);
    assert_eq!(offers(&world, viewer).len(), 3, "{world}");
    for publication in [CAMERA, SCREEN, OTHER_MICROPHONE] {
        world.assert_complete(viewer, publication);
    }
    assert!(world.clients[viewer].of(MICROPHONE).is_empty(), "it was taken back; {world}");
}

#[test]
fn an_answer_to_another_offer_than_the_open_one_is_refused_as_stale() {
    let mut world = World::new(124, 2);
    let host = world.publisher(&EVERYTHING);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.clients[viewer].answers = false;
    world.subscribe(viewer, &[(CAMERA, true), (MICROPHONE, false)]);
    world.run_ms(10);
    for offer in [0, 1, 3, u32::MAX] {
        world.answer_with(viewer, offer, "v=0\r\n");
        world.run_ms(10);
        assert_eq!(
            refusals(&world, viewer).last(),
            Some(&(Some(offer), RefusedReason::StaleOffer))
        );
    }
    world.answer_open_offer(viewer);
    world.run_ms(500);
    world.assert_complete(viewer, MICROPHONE);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn after_a_broken_answer_the_next_offer_makes_good() {
    let mut world = World::new(125, 2);
    let host = world.publisher(&EVERYTHING);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.clients[viewer].answers = false;
    world.subscribe(viewer, &[(CAMERA, true), (MICROPHONE, false)]);
    world.run_ms(10);
    world.answer_with(viewer, 2, "this is not SDP");
    world.run_ms(10);
    assert_eq!(refusals(&world, viewer), [(Some(2), RefusedReason::Invalid)]);
    world.clients[viewer].answers = true;
    world.subscribe(viewer, &[(CAMERA, true), (MICROPHONE, false)]);
    world.run_ms(500);
    world.assert_complete(viewer, MICROPHONE);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn a_wish_that_names_a_publication_twice_names_it_once() {
    let mut world = World::new(126, 2);
    let host = world.publisher(&[(CAMERA, true)]);
    let viewer = world.subscriber(&[(CAMERA, true), (CAMERA, true), (CAMERA, false)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    world.assert_complete(viewer, CAMERA);
    world.close(viewer);
    world.close(host);
    world.run_ms(500);
    world.assert_empty();
}

#[test]
fn a_publisher_adds_and_drops_tracks_while_it_is_live() {
    let mut world = World::new(127, 3);
    let host = world.publisher(&[(CAMERA, true)]);
    let viewer = world.subscriber(&EVERYTHING);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    world.republish(host, &[(SCREEN, true), (MICROPHONE, false)], &[], false);
    world.run_ms(1_000);
    for publication in [CAMERA, SCREEN, MICROPHONE] {
        world.assert_complete(viewer, publication);
    }
    world.republish(host, &[], &[SCREEN], false);
    world.run_ms(200);
    let screen = world.clients[viewer].of(SCREEN).len();
    world.assert_flows(viewer, CAMERA);
    assert_eq!(world.clients[viewer].of(SCREEN).len(), screen, "{world}");
    world.republish(host, &[(SCREEN, true)], &[], false);
    world.run_ms(700);
    world.assert_gapless(viewer, SCREEN);
    world.assert_flows(viewer, SCREEN);
    assert_eq!(offers(&world, viewer).len(), 1, "{world}");
}

#[test]
fn publications_that_change_places_in_a_session_are_told_apart() {
    let mut world = World::new(128, 2);
    let host = world.publisher(&[(CAMERA, true), (SCREEN, true)]);
    let viewer = world.subscriber(&[(CAMERA, true), (SCREEN, true)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    let sources = &mut world.clients[host].sources;
    (sources[0].publication, sources[1].publication) = (SCREEN, CAMERA);
    world.republish(host, &[(MICROPHONE, false)], &[], false);
    let before = world.now;
    world.run_ms(2_000);
    for publication in [CAMERA, SCREEN] {
        let tracks = &world.clients[viewer].tracks;
        let mid = tracks.iter().find(|t| t.publication == publication).unwrap().mid.clone();
        let packets = world.clients[viewer].of(publication);
        let late: Vec<_> = packets.iter().filter(|r| r.at > before + MS * 1_000).collect();
        assert!(late.len() > 80, "{} of {publication}; {world}", late.len());
        assert!(late.iter().all(|r| r.mid.to_string() == mid), "{world}");
    }
}

const MS: std::time::Duration = std::time::Duration::from_millis(1);
