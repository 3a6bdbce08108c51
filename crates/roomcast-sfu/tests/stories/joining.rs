//! Joining, publishing, subscribing: on one shard, and where publisher and subscriber are apart.

use roomcast_sfu::{Codec, Command, Event, PublicationId, opened_at};

use crate::world::World;

pub(crate) const CAMERA: PublicationId = PublicationId(1);
pub(crate) const MICROPHONE: PublicationId = PublicationId(2);

#[test]
fn on_one_shard_a_subscriber_receives_what_is_published() {
    let mut world = World::new(1, 1);
    let host = world.publisher(&[(CAMERA, true), (MICROPHONE, false)]);
    let viewer = world.subscriber(&[(CAMERA, true), (MICROPHONE, false)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(2_000);
    world.assert_complete(viewer, CAMERA);
    world.assert_complete(viewer, MICROPHONE);
    assert!(world.clients[viewer].of(CAMERA)[0].stamp.key_frame);
    assert!(world.clients[viewer].of(CAMERA).len() > 200);
    assert!(world.clients[viewer].of(MICROPHONE).len() > 90);
    let started = |publication, codec| Event::PublicationStarted {
        session: world.session(host),
        publication,
        codec,
    };
    let told = world.events_of(host);
    assert_eq!(told.iter().filter(|e| ***e == started(CAMERA, Codec::Vp8)).count(), 1);
    assert_eq!(told.iter().filter(|e| ***e == started(MICROPHONE, Codec::Opus)).count(), 1);
}

#[test]
fn a_session_lives_where_its_first_check_lands() {
    for (publishers_shard, subscribers_shard) in [(0, 1), (1, 0), (1, 2), (2, 2), (0, 0)] {
        let mut world = World::new(2, 3);
        let host = world.publisher(&[(CAMERA, true)]);
        world.land(host, publishers_shard);
        let viewer = world.subscriber(&[(CAMERA, true)]);
        world.land(viewer, subscribers_shard);
        world.await_connected(&[host, viewer]);
        world.run_ms(1_000);
        let mut expected = [0; 3];
        expected[usize::from(publishers_shard)] += 1;
        expected[usize::from(subscribers_shard)] += 1;
        assert_eq!(world.shards_with_sessions(), expected);
        world.assert_complete(viewer, CAMERA);
        assert!(world.clients[viewer].of(CAMERA).len() > 100, "{world}");
    }
}

#[test]
fn what_was_to_be_planned_where_a_session_was_opened_is_planned_where_it_lives() {
    let mut world = World::new(2, 3);
    let host = world.publisher(&[(CAMERA, true)]);
    world.await_connected(&[host]);
    world.run_ms(500);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    let session = world.clients[viewer].session;
    world.land(viewer, (opened_at(session, 3).0 + 1) % 3);
    // Among these milliseconds is that of its first check.
    for _ in 0..500 {
        world.batched(Command::Prefer { session, preferences: Vec::new() });
        world.run_ms(1);
    }
    world.run_ms(1_000);
    assert!(world.clients[viewer].connected, "{world}");
    assert!(world.clients[viewer].of(CAMERA).len() > 100, "{world}");
}

#[test]
fn a_publication_of_sound_alone_is_forwarded() {
    let mut world = World::new(3, 2);
    let host = world.publisher(&[(MICROPHONE, false)]);
    world.land(host, 0);
    world.await_connected(&[host]);
    world.run_ms(500);
    let viewer = world.subscriber(&[(MICROPHONE, false)]);
    world.land(viewer, 1);
    world.await_connected(&[viewer]);
    world.run_ms(1_000);
    world.assert_complete(viewer, MICROPHONE);
    assert!(world.clients[viewer].of(MICROPHONE).len() > 40);
    assert_eq!(world.total(|c| c.key_frames_asked), 0);
}

#[test]
fn a_subscriber_that_comes_before_the_publisher_waits_for_it() {
    let mut world = World::new(4, 4);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[viewer]);
    world.run_ms(3_000);
    let host = world.publisher(&[(CAMERA, true)]);
    world.await_connected(&[host]);
    world.run_ms(1_000);
    world.assert_complete(viewer, CAMERA);
    assert_eq!(world.clients[viewer].of(CAMERA)[0].stamp.number, 0, "from the first packet on");
}
