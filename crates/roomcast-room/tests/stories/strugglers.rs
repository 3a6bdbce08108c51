//! Whose reception is not good: they hear of it themselves, and so do hosts.

use std::time::Duration;

use roomcast_protocol::limits::MAX_STRUGGLING;
use roomcast_protocol::{
    ClientMessage, ErrorCode, Grants, Reception, Refusal, ServerMessage, Source, Standing,
};
use roomcast_room::{Admission, MediaEvent, RESUME_GRACE, STRUGGLING_INTERVAL, SessionId};

use crate::harness::{Client, World};

const GOOD: Reception =
    Reception { standing: Standing::Good, available: Some(4_000_000), loss_percent: 0 };
const LIMITED: Reception =
    Reception { standing: Standing::Limited, available: Some(480_000), loss_percent: 3 };
const POOR: Reception =
    Reception { standing: Standing::Poor, available: Some(90_000), loss_percent: 12 };

struct Scene {
    world: World,
    host: Client,
    viewer: Client,
}

/// A host who is live, and a viewer who receives it.
fn scene() -> Scene {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    world.forget_what_was_heard();
    Scene { world, host, viewer }
}

impl Scene {
    fn session(&self, client: Client) -> SessionId {
        let record = self.world.room().participant(&self.world.id(client)).unwrap();
        record.sessions.subscriber.expect("no session")
    }

    fn receive(&mut self, client: Client, reception: Reception) {
        let session = self.session(client);
        self.world.event(MediaEvent::Reception { session, reception });
    }

    fn newcomer(&mut self, name: &str) -> Client {
        let client = self.world.viewer(name);
        self.world.subscribe(client);
        client
    }

    fn pass_interval(&mut self) {
        self.world.pass(STRUGGLING_INTERVAL);
    }

    /// The lists that someone was told since the last time: names, and how many there are in all.
    fn lists(&mut self, client: Client) -> Vec<(Vec<String>, u32)> {
        let heard = self.world.heard(client).into_iter();
        let lists = heard.filter_map(|message| match message {
            ServerMessage::Struggling { participants, count } => {
                Some((participants.into_iter().map(|one| one.name).collect(), count))
            }
            _ => None,
        });
        lists.collect()
    }

    /// What someone was told of their own reception since the last time.
    fn own(&mut self, client: Client) -> Vec<Reception> {
        let heard = self.world.heard(client).into_iter();
        let told = heard.filter_map(|message| match message {
            ServerMessage::Reception(reception) => Some(reception),
            _ => None,
        });
        told.collect()
    }
}

fn list(names: &[&str]) -> (Vec<String>, u32) {
    (names.iter().map(|name| (*name).to_owned()).collect(), u32::try_from(names.len()).unwrap())
}

#[test]
fn a_receiver_hears_of_their_own_reception_while_it_is_not_good_and_when_it_is_again() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    let other = scene.newcomer("Cleo");
    for reception in [GOOD, LIMITED, LIMITED, POOR, GOOD, Reception { loss_percent: 1, ..GOOD }] {
        scene.receive(viewer, reception);
    }
    assert_eq!(scene.own(viewer), [LIMITED, POOR, GOOD]);
    assert_eq!((scene.own(other), scene.own(host)), (vec![], vec![]));
}

#[test]
fn those_who_do_well_cost_nobody_a_message() {
    let mut scene = scene();
    scene.receive(scene.viewer, GOOD);
    scene.receive(scene.viewer, Reception { available: None, ..GOOD });
    scene.pass_interval();
    let (host, viewer) = (scene.host, scene.viewer);
    assert_eq!((scene.world.heard(host), scene.world.heard(viewer)), (vec![], vec![]));
    assert!(!scene.world.has_deadline());
}

#[test]
fn hosts_alone_are_told_at_most_once_a_second_and_only_after_a_change() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    let other = scene.newcomer("Cleo");
    scene.receive(viewer, LIMITED);
    assert_eq!(scene.lists(host), [list(&["Bob"])]);
    scene.receive(other, POOR);
    scene.receive(viewer, Reception { available: Some(500_000), ..LIMITED });
    assert_eq!(scene.lists(host), []);
    scene.pass_interval();
    assert_eq!(scene.lists(host), [list(&["Cleo", "Bob"])], "the worst first");
    scene.world.pass(Duration::from_secs(10));
    assert_eq!(scene.lists(host), []);
    scene.receive(viewer, GOOD);
    scene.receive(other, GOOD);
    scene.pass_interval();
    assert_eq!(scene.lists(host), [list(&["Cleo"]), list(&[])]);
    assert_eq!((scene.lists(viewer), scene.lists(other)), (vec![], vec![]));
}

#[test]
fn what_is_undone_within_the_second_is_not_told() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    let other = scene.newcomer("Cleo");
    scene.receive(viewer, LIMITED);
    scene.receive(other, POOR);
    scene.receive(other, GOOD);
    scene.lists(host);
    scene.pass_interval();
    assert_eq!(scene.lists(host), []);
}

#[test]
fn the_list_is_bounded_and_counts_all() {
    let mut scene = scene();
    for n in 0..=MAX_STRUGGLING {
        let client = scene.newcomer(&format!("viewer {n}"));
        scene.receive(client, LIMITED);
    }
    scene.receive(scene.viewer, POOR);
    scene.pass_interval();
    let (names, count) = scene.lists(scene.host).pop().unwrap();
    assert_eq!((names.len(), names[0].as_str(), count), (MAX_STRUGGLING, "Bob", 22));
    let standings = scene.world.room().standings();
    assert_eq!((standings.limited, standings.poor), (21, 1));
    let seen = scene.world.room().struggling();
    assert_eq!(seen.into_iter().map(|one| one.name).collect::<Vec<_>>(), names, "by operators");
}

#[test]
fn who_leaves_or_loses_the_session_or_begins_another_is_not_listed_any_more() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    let (other, third) = (scene.newcomer("Cleo"), scene.newcomer("Dan"));
    for client in [viewer, other, third] {
        scene.receive(client, LIMITED);
    }
    scene.pass_interval();
    assert_eq!(scene.lists(host).pop(), Some(list(&["Bob", "Cleo", "Dan"])));
    scene.world.say(viewer, ClientMessage::Leave);
    let session = scene.session(other);
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "silent");
    scene.world.event(MediaEvent::Closed { session, refusal });
    scene.pass_interval();
    assert_eq!(scene.lists(host).pop(), Some(list(&["Dan"])));
    scene.world.event(MediaEvent::Reception { session, reception: POOR });
    scene.world.subscribe(third);
    scene.pass_interval();
    assert_eq!(scene.lists(host), [list(&[])]);
    assert_eq!(scene.own(third), [LIMITED, Reception::default()], "a new session begins well");
    assert_eq!(scene.own(other), [LIMITED, Reception::default()]);
}

#[test]
fn one_who_is_away_stays_listed_as_long_as_they_may_come_back_and_hears_how_it_is() {
    let mut scene = scene();
    let (host, viewer) = (scene.host, scene.viewer);
    scene.receive(viewer, LIMITED);
    scene.world.cut(viewer);
    scene.receive(viewer, POOR);
    let viewer = scene.world.resume(viewer);
    assert_eq!(scene.own(viewer), [POOR]);
    scene.pass_interval();
    assert_eq!(scene.lists(host), [list(&["Bob"]), list(&["Bob"])]);
    scene.world.cut(viewer);
    scene.world.pass(RESUME_GRACE + STRUGGLING_INTERVAL);
    assert_eq!(scene.lists(host), [list(&[])]);
}

#[test]
fn a_host_who_comes_later_is_told_and_one_without_that_right_is_not() {
    let mut scene = scene();
    let late = scene.world.host("Eve");
    assert_eq!(scene.lists(late), [], "an empty list need not be told");
    scene.receive(scene.viewer, LIMITED);
    let later = scene.world.host("Flo");
    assert_eq!(scene.lists(later), [list(&["Bob"])]);
    assert_eq!(scene.lists(late), [list(&["Bob"])]);
    let grants =
        Grants { moderate: false, ..Grants::of_role(roomcast_protocol::server::Role::Host) };
    let admission = Admission { grants: Some(grants), ..Admission::of_page(true) };
    let powerless = scene.world.admit("Gil", admission);
    scene.receive(scene.viewer, POOR);
    scene.pass_interval();
    assert_eq!(scene.lists(powerless), []);
    assert_eq!(scene.lists(later), [list(&["Bob"])]);
}

#[test]
fn a_host_may_struggle_too_and_a_new_name_is_told() {
    let mut scene = scene();
    let host = scene.host;
    let second = scene.world.host("Hal");
    scene.world.subscribe(second);
    scene.receive(second, POOR);
    assert_eq!(scene.own(second), [POOR]);
    assert_eq!(scene.lists(host), [list(&["Hal"])]);
    scene.world.say(second, ClientMessage::Rename { name: "Ida".into() });
    scene.pass_interval();
    assert_eq!(scene.lists(host), [list(&["Ida"])]);
}

#[test]
fn one_who_publishes_has_no_reception_there() {
    let mut scene = scene();
    let (session, _) = {
        scene.world.publish(scene.host, &[Source::Camera]);
        scene.world.last_publish()
    };
    scene.world.event(MediaEvent::Reception { session, reception: POOR });
    scene.pass_interval();
    assert_eq!(scene.lists(scene.host), []);
}
