//! Who can decode what.

use roomcast_sfu::{Codec, Event, PublicationId};

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

fn decodable(world: &World, who: Who) -> Vec<(bool, Codec)> {
    let told = |e: &&Event| match e {
        Event::Subscription { decodable, codec, publication: CAMERA, .. } => {
            Some((*decodable, *codec))
        }
        _ => None,
    };
    world.events_of(who).iter().filter_map(told).collect()
}

#[test]
fn a_viewer_that_cannot_decode_a_publication_is_told_and_gets_the_others() {
    for shards in [1, 2] {
        let mut world = World::new(170, shards);
        let tracks = [(CAMERA, true), (MICROPHONE, false)];
        let host = world.publisher_with(&tracks, |config| {
            config.clear_codecs().enable_opus(true, false).enable_h264(true)
        });
        world.land(host, 0);
        let able = world.subscriber(&tracks);
        let unable = world.subscriber_with(&tracks, |config| {
            config.clear_codecs().enable_opus(true, false).enable_vp8(true)
        });
        for viewer in [able, unable] {
            world.land(viewer, shards - 1);
        }
        world.await_connected(&[host, able, unable]);
        world.run_ms(1_000);
        assert_eq!(decodable(&world, able), [(true, Codec::H264)], "{world}");
        assert_eq!(decodable(&world, unable), [(false, Codec::H264)], "{world}");
        assert!(world.clients[unable].of(CAMERA).is_empty(), "{world}");
        world.assert_complete(unable, MICROPHONE);
    }
}

#[test]
fn an_offer_of_48_pictures_has_less_than_three_kilobytes_for_each() {
    let mut world = World::new(173, 1);
    let pictures: Vec<_> = (1..=48).map(|id| (PublicationId(id), true)).collect();
    let viewer = world.subscriber(&pictures);
    world.await_connected(&[viewer]);
    let offer = world.events_of(viewer).into_iter().find_map(|event| match event {
        Event::Offered { description, .. } => Some(description.clone()),
        _ => None,
    });
    let offer = offer.expect("an offer");
    assert_eq!(offer.matches("m=video").count(), 48);
    assert_eq!(offer.matches(" H264/").count(), 48 * 4);
    assert!(offer.len() < 48 * 3_000, "{} bytes; {world}", offer.len());
}

#[test]
fn when_the_publisher_changes_its_codec_everyone_is_told_anew() {
    let mut world = World::new(171, 2);
    let first =
        world.publisher_with(&[(CAMERA, true)], |config| config.clear_codecs().enable_h264(true));
    let viewer =
        world.subscriber_with(&[(CAMERA, true)], |config| config.clear_codecs().enable_vp8(true));
    world.await_connected(&[first, viewer]);
    world.run_ms(500);
    world.close(first);
    world.run_ms(200);
    let second =
        world.publisher_with(&[(CAMERA, true)], |config| config.clear_codecs().enable_vp8(true));
    world.await_connected(&[second]);
    world.run_ms(1_000);
    assert_eq!(decodable(&world, viewer), [(false, Codec::H264), (true, Codec::Vp8)], "{world}");
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn sound_and_picture_of_one_publisher_stay_together_by_their_sender_reports() {
    for (shards, late_ms) in [(1, 0), (2, 2_000)] {
        let mut world = World::new(172, shards);
        let tracks = [(CAMERA, true), (MICROPHONE, false)];
        let host = world.publisher(&tracks);
        world.await_connected(&[host]);
        world.run_ms(late_ms);
        let viewer = world.subscriber(&tracks);
        world.await_connected(&[viewer]);
        world.run_ms(14_000);
        // Both sources count from the same moment: frame n of the picture is of n / 30 s.
        let captured = |publication, rate: f64| {
            let packets = world.clients[viewer].in_order(publication);
            let last = *packets.last().unwrap();
            let report = last.report.as_ref().expect("a sender report");
            let ticks = last.time.wrapping_sub(report.rtp_time.numer() as u32).cast_signed();
            let since_1970 = report.ntp_time.duration_since(std::time::UNIX_EPOCH).unwrap();
            let ours = since_1970.as_secs_f64() + f64::from(ticks) / rate;
            let pace = if rate > 50_000.0 { 0.033_333 } else { 0.02 };
            ours - last.stamp.frame as f64 * pace
        };
        let apart = captured(CAMERA, 90_000.0) - captured(MICROPHONE, 48_000.0);
        assert!(apart.abs() < 0.040, "{apart} s; {world}");
    }
}
