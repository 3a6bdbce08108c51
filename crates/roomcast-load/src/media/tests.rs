//! A publisher and a viewer of this crate, connected to each other without a node.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::thread::{Handle, Shared, start};
use super::{Identity, Outcome, Reached, Settings, Tracks};
use crate::args::{Codec, Split};

fn shared(codec: Codec, simulcast: bool) -> Shared {
    Shared {
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        settings: Settings { codec, bitrate: 2_500_000, fps: 30, split: Split::Even, simulcast },
        footage: None,
        identity: Identity::generate().unwrap(),
        feedback: true,
        loss: 0.0,
        seed: 0,
        tracks: Arc::new(Tracks::new(1)),
        reached: Arc::new(Reached::default()),
        start: Instant::now(),
    }
}

async fn connect(publisher: &Handle, viewer: &Handle) {
    let offer = publisher.publish(0).await.unwrap();
    let answer = viewer.answer(0, Instant::now(), offer.sdp, true).await.unwrap();
    publisher.take_answer(0, answer).await.unwrap();
}

async fn until(what: &str, happened: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !happened() {
        assert!(Instant::now() < end, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_viewer_gets_the_whole_picture_and_every_packet() {
    let shared = shared(Codec::Vp8, false);
    let (tracks, reached) = (shared.tracks.clone(), shared.reached.clone());
    let (publisher, publishing) = start("publish", shared.clone()).unwrap();
    let (viewer, watching) = start("watch", shared).unwrap();
    connect(&publisher, &viewer).await;
    until("the first picture", || reached.pictures.load(Relaxed) == 1).await;
    tracks.open();
    until("a hundred packets", || reached.packets.load(Relaxed) >= 100).await;
    tracks.close();
    until("the end of the window", || tracks.passed()).await;
    let expected: u64 = tracks.expected().iter().sum();
    until("the last packet", || reached.packets.load(Relaxed) >= expected).await;
    viewer.stop();
    publisher.stop();
    publishing.join().unwrap().unwrap();
    let outcome: Outcome = watching.join().unwrap().unwrap();
    let joined = &outcome.viewers[0];
    let received: Vec<u64> = joined.counts.iter().map(|count| count.received).collect();
    assert_eq!(received, tracks.expected());
    assert!(received.iter().sum::<u64>() >= 100, "{received:?}");
    assert!(joined.connected.unwrap() <= joined.first_picture.unwrap());
}

#[tokio::test]
async fn a_picture_in_layers_is_sent_in_those_that_are_wanted() {
    let shared = shared(Codec::H264, true);
    let (tracks, reached) = (shared.tracks.clone(), shared.reached.clone());
    let (publisher, publishing) = start("publish", shared.clone()).unwrap();
    let (viewer, watching) = start("watch", shared).unwrap();
    connect(&publisher, &viewer).await;
    until("the first picture", || reached.pictures.load(Relaxed) == 1).await;
    publisher.want_layers(0, vec!["h".into()]);
    tracks.open();
    until("a hundred packets", || reached.packets.load(Relaxed) >= 100).await;
    viewer.stop();
    publisher.stop();
    publishing.join().unwrap().unwrap();
    let outcome: Outcome = watching.join().unwrap().unwrap();
    let joined = &outcome.viewers[0];
    assert_eq!(joined.layers, [Some(1)]);
    assert!(joined.switches > 1, "all three came before");
}
