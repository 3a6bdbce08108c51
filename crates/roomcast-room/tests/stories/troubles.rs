//! What is wrong with publications, and who hears of it.

use roomcast_protocol::server::ServerMessage;
use roomcast_protocol::{
    ClientMessage, Codec, ErrorCode, PublicationId, PublicationTrouble, Refusal, Source,
};
use roomcast_room::{MediaEvent, SessionId};

use crate::harness::{Client, World, publish};

const LOSS: PublicationTrouble = PublicationTrouble::Loss { percent: 7 };

struct Scene {
    world: World,
    host: Client,
    owner: Client,
    viewer: Client,
    session: SessionId,
    camera: PublicationId,
}

/// A host, a speaker with a camera, and a viewer.
fn scene() -> Scene {
    let mut world = World::new();
    let host = world.host("Ann");
    let (owner, viewer) = (world.viewer("Bob"), world.viewer("Cleo"));
    let participant = world.id(owner);
    world.say(host, ClientMessage::Stage { participant, on: true });
    world.publish(owner, &[Source::Camera, Source::Microphone]);
    let (session, tracks) = world.last_publish();
    let camera = tracks[0].1;
    world.forget_what_was_heard();
    Scene { world, host, owner, viewer, session, camera }
}

impl Scene {
    fn trouble(&mut self, trouble: PublicationTrouble, over: bool) {
        let Self { session, camera: publication, .. } = *self;
        self.world.event(MediaEvent::PublicationTrouble { session, publication, trouble, over });
    }

    fn subscription(&mut self, of: Client, decodable: bool) {
        let id = self.world.id(of);
        let session = self.world.room().participant(&id).unwrap().sessions.subscriber.unwrap();
        let (publication, codec) = (self.camera, Codec::H264);
        self.world.event(MediaEvent::Subscription { session, publication, decodable, codec });
    }

    /// What someone heard of troubles since the last time.
    fn told(&mut self, client: Client) -> Vec<(PublicationTrouble, bool)> {
        let heard = self.world.heard(client).into_iter();
        let troubles = heard.filter_map(|message| match message {
            ServerMessage::PublicationTrouble { source, trouble, over, .. } => {
                assert_eq!(source, Source::Camera);
                Some((trouble, over))
            }
            _ => None,
        });
        troubles.collect()
    }
}

#[test]
fn the_owner_and_hosts_hear_of_it_when_it_begins_and_when_it_is_over() {
    let mut scene = scene();
    let [host, owner, viewer] = [scene.host, scene.owner, scene.viewer];
    scene.trouble(LOSS, false);
    scene.trouble(LOSS, false);
    scene.trouble(PublicationTrouble::BFrames, false);
    scene.trouble(PublicationTrouble::Loss { percent: 1 }, true);
    for client in [host, owner] {
        let expected = [
            (LOSS, false),
            (PublicationTrouble::BFrames, false),
            (PublicationTrouble::Loss { percent: 1 }, true),
        ];
        assert_eq!(scene.told(client), expected);
    }
    assert_eq!(scene.told(viewer), []);
}

#[test]
fn a_host_who_comes_later_hears_what_is_wrong_and_the_owner_who_is_back_too() {
    let mut scene = scene();
    scene.trouble(LOSS, false);
    let late = scene.world.host("Dan");
    assert_eq!(scene.told(late), [(LOSS, false)]);
    let owner = scene.world.resume(scene.owner);
    assert_eq!(scene.told(owner), [(LOSS, false)]);
    let viewer = scene.world.viewer("Eve");
    assert_eq!(scene.told(viewer), []);
}

#[test]
fn it_is_over_when_the_publication_stops() {
    let mut scene = scene();
    scene.trouble(LOSS, false);
    let (host, owner) = (scene.host, scene.owner);
    scene.told(host);
    scene.world.publish(owner, &[Source::Microphone]);
    assert_eq!(scene.told(host), [(LOSS, true)]);
    scene.trouble(LOSS, false);
    assert_eq!(scene.told(host), [], "it is not published any more");
}

#[test]
fn it_is_over_with_the_session_and_with_its_owner() {
    let mut scene = scene();
    let (host, owner) = (scene.host, scene.owner);
    scene.trouble(LOSS, false);
    scene.world.say(owner, publish(&[Source::Camera], true));
    assert_eq!(scene.told(host), [(LOSS, false), (LOSS, true)]);
    scene.session = scene.world.last_publish().0;
    scene.trouble(LOSS, false);
    let session = scene.session;
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "silent");
    scene.world.event(MediaEvent::Closed { session, refusal });
    assert_eq!(scene.told(host), [(LOSS, false), (LOSS, true)]);
    scene.world.say(owner, publish(&[Source::Camera], true));
    scene.session = scene.world.last_publish().0;
    scene.trouble(LOSS, false);
    scene.world.say(owner, ClientMessage::Leave);
    assert_eq!(scene.told(host), [(LOSS, false), (LOSS, true)]);
}

#[test]
fn a_codec_that_nobody_decodes_is_told_and_over_when_somebody_does() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    let undecodable = PublicationTrouble::Undecodable { codec: Codec::H264 };
    scene.world.subscribe(viewer);
    scene.subscription(viewer, false);
    assert_eq!(scene.told(host), [(undecodable, false)]);
    scene.world.subscribe(host);
    scene.subscription(host, true);
    assert_eq!(scene.told(host), [(undecodable, true)]);
    scene.subscription(viewer, false);
    assert_eq!(scene.told(host), []);
}

#[test]
fn a_codec_is_told_when_the_last_who_decodes_it_goes_and_over_when_nobody_watches() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    let other = scene.world.viewer("Dan");
    let undecodable = PublicationTrouble::Undecodable { codec: Codec::H264 };
    for (client, decodable) in [(viewer, false), (other, true)] {
        scene.world.subscribe(client);
        scene.subscription(client, decodable);
    }
    scene.told(host);
    scene.world.say(other, ClientMessage::Leave);
    assert_eq!(scene.told(host), [(undecodable, false)]);
    scene.world.say(viewer, ClientMessage::Leave);
    assert_eq!(scene.told(host), [(undecodable, true)]);
}

#[test]
fn what_receivers_said_about_a_publication_is_forgotten_when_it_stops() {
    let mut scene = scene();
    let (host, owner, viewer) = (scene.host, scene.owner, scene.viewer);
    scene.world.subscribe(viewer);
    scene.subscription(viewer, false);
    scene.world.publish(owner, &[Source::Microphone]);
    scene.world.publish(owner, &[Source::Camera]);
    scene.told(host);
    scene.subscription(viewer, true);
    scene.world.say(viewer, ClientMessage::Leave);
    assert_eq!(scene.told(host), []);
}
