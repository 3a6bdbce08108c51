//! The load generator against a node, by the protocols that other servers speak as well.

use std::time::Duration;

use clap::Parser as _;
use roomcast_load::{Args, Report};

use crate::support::node;

const KEY: &str = "a key of the publisher";

fn args(port: u16, more: &[&str]) -> Args {
    let (whip, whep) = (url(port, "whip"), url(port, "whep"));
    let usual = ["load", "--whip", &whip, "--whep", &whep, "--duration", "1", "--viewers", "3"];
    let mut args = Args::try_parse_from([&usual, more].concat()).unwrap();
    // A debug build on a busy machine needs longer than a browser does.
    args.bitrate = 500_000;
    args
}

fn url(port: u16, endpoint: &str) -> String {
    format!("http://127.0.0.1:{port}/{endpoint}/load")
}

async fn load(args: &Args) -> Report {
    roomcast_load::run(args, |_progress| {}).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whep_viewers_get_every_packet_of_a_whip_publisher_in_either_codec() {
    let (node, _data) = node().await;
    let port = node.address().port();
    for codec in ["vp8", "h264"] {
        let more = ["--token", KEY, "--whep-token", "", "--codec", codec];
        let report = load(&args(port, &more)).await;
        assert_eq!(report.shortfall(), None, "{codec}: {report}");
        assert_eq!(report.packets.arrived, report.packets.received, "{codec}");
        assert_eq!(report.viewers.welcomed, 3, "{codec}");
        assert!(report.counters.is_some(), "{codec}");
    }
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_on_the_way_is_asked_for_again() {
    let (node, _data) = node().await;
    let port = node.address().port();
    let report =
        load(&args(port, &["--token", KEY, "--whep-token", "", "--loss", "5", "--seed", "7"]))
            .await;
    assert_eq!(report.viewers.with_picture, 3, "{report}");
    assert!(report.packets.dropped > 0 && report.packets.late > 0, "{report}");
    assert!(report.packets.lost * 20 < report.packets.expected, "{report}");
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_the_node_said_and_what_to_do() {
    let (node, _data) = node().await;
    let port = node.address().port();
    let failed = roomcast_load::run(&args(port, &[]), |_progress| {}).await.unwrap_err();
    let failed = format!("{failed:#}");
    assert!(failed.contains("401") && failed.contains("--token"), "{failed}");
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_ended_and_leave_nobody_behind() {
    let (node, _data) = node().await;
    let port = node.address().port();
    let args = args(port, &["--token", KEY, "--whep-token", ""]);
    // The second publisher would be refused as long as the first one is there.
    for _ in 0..2 {
        assert_eq!(load(&args).await.shortfall(), None);
    }
    node.shutdown().await;
}

fn in_a_room(port: u16, more: &[&str]) -> Args {
    let url = format!("http://127.0.0.1:{port}");
    let usual = ["load", &url, "--viewers", "3"];
    let mut args = Args::try_parse_from([&usual, more].concat()).unwrap();
    args.duration = Duration::from_millis(200);
    args
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_of_a_room_go_as_far_as_they_are_to_and_stay_there() {
    let (node, _data) = node().await;
    let port = node.address().port();
    let reached = |report: &Report| {
        let viewers = report.viewers;
        [viewers.welcomed, viewers.offered, viewers.connected]
    };
    for (step, expected) in [("welcome", [3, 0, 0]), ("offer", [3, 3, 0]), ("connected", [3; 3])] {
        let report = load(&in_a_room(port, &["--until", step])).await;
        assert_eq!(report.shortfall(), None, "{step}: {report}");
        assert_eq!(reached(&report), expected, "{step}: {report}");
        assert!(report.joining.per_second > 0.0, "{step}: {report}");
    }
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_alone_come_to_a_room_that_is_open_and_to_no_other() {
    let (node, _data) = node().await;
    let port = node.address().port();
    let alone = ["--publishers", "0", "--until", "welcome", "--room", "open already"];
    let report = load(&in_a_room(port, &alone)).await;
    assert_eq!(report.shortfall().as_deref(), Some("3 of 3 viewers were not let in"));
    assert!(report.failures[0].0.contains("no room of this name"), "{report}");
    let mut host = in_a_room(port, &["--room", "open already"]);
    host.duration = Duration::from_secs(3);
    let host = tokio::spawn(async move { load(&host).await });
    let mut came = load(&in_a_room(port, &alone)).await;
    // The host is on the way meanwhile.
    while came.shortfall().is_some() && !host.is_finished() {
        came = load(&in_a_room(port, &alone)).await;
    }
    assert_eq!(came.shortfall(), None, "{came}");
    assert_eq!(host.await.unwrap().shortfall(), None);
    node.shutdown().await;
}
