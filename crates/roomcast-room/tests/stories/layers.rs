//! Publications in several layers, and which of them anyone takes.

use roomcast_protocol::client::PublishedTrack;
use roomcast_protocol::{
    ClientMessage, ErrorCode, PublicationId, PublishedLayer, Refusal, ServerMessage, Source,
};
use roomcast_room::{MediaCommand, MediaEvent, SessionId};

use crate::harness::{Client, World, assert_refused, publish};

fn layer(rid: &str, bitrate: u32) -> PublishedLayer {
    PublishedLayer { rid: rid.into(), bitrate, width: 640, height: 360 }
}

fn publish_layers(layers: Vec<PublishedLayer>) -> ClientMessage {
    let source = Source::Camera;
    let track = PublishedTrack { mid: "0".into(), source, muted: false, layers };
    ClientMessage::Publish { sdp: "offer".into(), tracks: vec![track], fresh: false }
}

struct Scene {
    world: World,
    host: Client,
    viewer: Client,
    session: SessionId,
    camera: PublicationId,
}

fn scene() -> Scene {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.ask(host, publish_layers(vec![layer("q", 150_000), layer("f", 2_500_000)]));
    let (session, tracks) = world.last_publish();
    let camera = tracks[0].1;
    Scene { world, host, viewer, session, camera }
}

impl Scene {
    fn want(&mut self, layers: &[&str]) {
        let layers = layers.iter().map(|rid| (*rid).to_owned()).collect();
        let Self { session, camera: publication, .. } = *self;
        self.world.event(MediaEvent::LayersWanted { session, publication, layers });
    }

    /// The layers that someone was told of since the last time.
    fn told(&mut self, client: Client) -> Vec<Vec<String>> {
        let layers = self.world.heard(client).into_iter().filter_map(|message| match message {
            ServerMessage::Layers { source: Source::Camera, wanted } => Some(wanted),
            _ => None,
        });
        layers.collect()
    }
}

#[test]
fn the_media_engine_hears_which_layers_are_offered() {
    let Scene { world, .. } = scene();
    let layers = world.media.iter().find_map(|command| match command {
        MediaCommand::Publish { tracks, .. } => Some(tracks[0].layers.clone()),
        _ => None,
    });
    assert_eq!(layers, Some(vec![layer("q", 150_000), layer("f", 2_500_000)]));
}

#[test]
fn layers_that_cannot_be_are_refused_before_anything_happens() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    for bad in [
        vec![layer("q", 1), layer("q", 1)],
        vec![layer("", 1)],
        vec![layer("a=b", 1)],
        vec![layer("q", u32::MAX)],
        ["a", "b", "c", "d"].map(|rid| layer(rid, 1)).to_vec(),
    ] {
        assert_refused(&world.ask(host, publish_layers(bad)), ErrorCode::Malformed);
    }
    let good = publish_layers(vec![layer("q", 1)]);
    assert_refused(&world.ask(viewer, good), ErrorCode::Forbidden);
    assert_eq!(world.media, []);
}

#[test]
fn only_the_owner_hears_which_layers_are_wanted_and_only_when_that_changes() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    scene.want(&["q"]);
    scene.want(&["q"]);
    scene.want(&["q", "f"]);
    assert_eq!(scene.told(host), [vec!["q"], vec!["q", "f"]]);
    assert_eq!(scene.told(viewer), Vec::<Vec<String>>::new());
}

#[test]
fn an_owner_who_was_away_hears_what_holds_now() {
    let mut scene = scene();
    scene.want(&["q"]);
    scene.world.cut(scene.host);
    scene.want(&["q", "f"]);
    let host = scene.world.resume(scene.host);
    assert_eq!(scene.told(host), [["q", "f"]]);
}

#[test]
fn what_is_said_of_a_session_that_is_over_or_of_a_stranger_is_ignored() {
    let mut scene = scene();
    let host = scene.host;
    scene.want(&["q"]);
    let older = scene.session;
    scene.world.ask(host, publish(&[Source::Camera], true));
    scene.told(host);
    scene.want(&["f"]);
    assert_eq!(scene.told(host), Vec::<Vec<String>>::new());
    scene.session = scene.world.last_publish().0;
    assert_ne!(scene.session, older);
    scene.want(&["q"]);
    assert_eq!(scene.told(host), [["q"]], "a new session begins anew");
    scene.camera = PublicationId(3);
    scene.want(&["f"]);
    assert_eq!(scene.told(host), Vec::<Vec<String>>::new());
}

#[test]
fn nothing_is_told_on_a_resume_of_what_is_not_sent_any_more() {
    let mut scene = scene();
    scene.want(&["q"]);
    scene.world.publish(scene.host, &[Source::Microphone]);
    let host = scene.world.resume(scene.host);
    assert_eq!(scene.told(host), Vec::<Vec<String>>::new());
    scene.world.publish(host, &[Source::Camera]);
    scene.want(&["q"]);
    let session = scene.session;
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "silent");
    scene.world.event(MediaEvent::Closed { session, refusal });
    let host = scene.world.resume(host);
    assert_eq!(scene.told(host), Vec::<Vec<String>>::new());
}

#[test]
fn a_session_that_is_outgrown_is_replaced_by_one_that_receives_the_same() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    let (old, wanted) = world.last_subscribe();
    world.media.clear();
    world.event(MediaEvent::Outgrown { session: old });
    let (new, again) = world.last_subscribe();
    assert!(new != old && again == wanted && wanted.len() == 1, "{new:?} {again:?}");
    assert!(world.media.contains(&MediaCommand::Close { session: old }));
    world.media.clear();
    world.event(MediaEvent::Outgrown { session: old });
    assert_eq!(world.media, [], "it is over already");
}
