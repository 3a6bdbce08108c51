//! How long sessions of encoders and players are kept.

use roomcast_sfu::{ClosedReason, Command, Event, Patience};

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

const TRACKS: [(roomcast_sfu::PublicationId, bool); 2] = [(CAMERA, true), (MICROPHONE, false)];

fn closed(world: &World, who: Who) -> Option<ClosedReason> {
    world.events_of(who).iter().find_map(|e| match e {
        Event::Closed { reason, .. } => Some(*reason),
        _ => None,
    })
}

fn encoder(world: &mut World) -> Who {
    let who = world.client(|config| config);
    let now = world.now;
    let (offer, tracks) = world.clients[who].offer(now, &TRACKS, &[], false);
    let session = world.session(who);
    world.command(Command::Publish { session, offer, tracks, patience: Patience::Brief });
    who
}

#[test]
fn an_encoder_that_vanishes_is_gone_within_15_seconds() {
    for shards in [1, 3] {
        let mut world = World::new(320, shards);
        let (host, player) = (encoder(&mut world), world.watcher((1, 1), &TRACKS));
        world.await_connected(&[host, player]);
        world.run_ms(5_000);
        for who in [host, player] {
            let address = world.clients[who].outer;
            world.network.dumb.insert(address);
            world.network.deaf.insert(address);
        }
        world.run_ms(11_500);
        assert_eq!((closed(&world, host), closed(&world, player)), (None, None), "{world}");
        world.run_ms(1_500);
        for who in [host, player] {
            assert_eq!(closed(&world, who), Some(ClosedReason::Timeout), "{world}");
        }
        world.assert_empty();
    }
}

#[test]
fn an_encoder_that_never_connects_is_gone_after_15_seconds() {
    let mut world = World::new(321, 2);
    let host = encoder(&mut world);
    let address = world.clients[host].outer;
    world.network.dumb.insert(address);
    world.run_ms(14_000);
    assert_eq!(closed(&world, host), None, "{world}");
    world.run_ms(2_000);
    assert_eq!(closed(&world, host), Some(ClosedReason::Timeout), "{world}");
    world.assert_empty();
}

#[test]
fn an_encoder_that_sends_media_but_no_more_checks_goes_on() {
    for shards in [1, 3] {
        let mut world = World::new(322, shards);
        let (host, viewer) = (encoder(&mut world), world.subscriber(&TRACKS));
        world.await_connected(&[host, viewer]);
        world.run_ms(500);
        let address = world.clients[host].outer;
        world.network.checkless.insert(address);
        world.run_ms(40_000);
        assert_eq!(closed(&world, host), None, "{world}");
        world.assert_flows(viewer, CAMERA);
        world.assert_complete(viewer, MICROPHONE);
        // A late viewer needs a key frame: the encoder is still reached, too.
        let late = world.subscriber(&TRACKS);
        world.await_connected(&[late]);
        world.run_ms(1_000);
        world.assert_complete(late, CAMERA);
        assert!(world.clients[late].of(CAMERA)[0].stamp.key_frame, "{world}");
    }
}
