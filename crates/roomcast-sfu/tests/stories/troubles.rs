//! What a publisher does wrong is told, once each way.

use roomcast_sfu::{Event, PublicationTrouble};

use crate::joining::CAMERA;
use crate::network::Conditions;
use crate::world::{Who, World};

fn troubles(world: &World, who: Who) -> Vec<(PublicationTrouble, bool)> {
    let told = |e: &&Event| match e {
        Event::PublicationTrouble { publication: CAMERA, trouble, over, .. } => {
            Some((*trouble, *over))
        }
        _ => None,
    };
    world.events_of(who).iter().filter_map(told).collect()
}

fn room(world: &mut World) -> (Who, Who) {
    let host = world.publisher(&[(CAMERA, true)]);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(6_000);
    (host, viewer)
}

#[test]
fn a_publisher_that_makes_no_key_frame_when_asked_is_told() {
    let mut world = World::new(360, 2);
    let (host, _) = room(&mut world);
    world.clients[host].sources[0].obstinate = true;
    let late = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[late]);
    world.run_ms(4_000);
    assert_eq!(troubles(&world, host), [], "{world}");
    world.run_ms(20_000);
    assert_eq!(troubles(&world, host), [(PublicationTrouble::NoKeyFrame, false)], "{world}");
    world.clients[host].sources[0].obstinate = false;
    world.run_ms(7_000);
    let over = (PublicationTrouble::NoKeyFrame, true);
    assert_eq!(troubles(&world, host).last(), Some(&over), "{world}");
    assert_eq!(troubles(&world, host).len(), 2, "{world}");
    world.assert_flows(late, CAMERA);
}

#[test]
fn loss_on_the_way_to_the_node_is_told_and_loss_behind_it_is_not() {
    let mut world = World::new(361, 2);
    let (host, _) = room(&mut world);
    world.network.down = Conditions::lossy(0.10);
    world.run_ms(12_000);
    assert_eq!(troubles(&world, host), [], "{world}");
    world.network.up = Conditions::lossy(0.10);
    world.run_ms(12_000);
    let told = troubles(&world, host);
    let [(PublicationTrouble::Loss { percent }, false)] = told[..] else {
        panic!("{told:?}; {world}")
    };
    assert!((3..=14).contains(&percent), "{percent} %; {world}");
    world.network.up = Conditions::GOOD;
    world.run_ms(12_000);
    let over = (PublicationTrouble::Loss { percent }, true);
    assert_eq!(troubles(&world, host)[1..], [over], "{world}");
}

#[test]
fn of_a_publisher_that_does_well_nothing_is_told() {
    let mut world = World::new(362, 2);
    let (host, _) = room(&mut world);
    for _ in 0..5 {
        let viewer = world.subscriber(&[(CAMERA, true)]);
        world.await_connected(&[viewer]);
        world.run_ms(5_000);
    }
    assert_eq!(troubles(&world, host), [], "{world}");
}
