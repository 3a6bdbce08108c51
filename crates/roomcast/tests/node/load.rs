//! The load generator against a node, by the protocols that other servers speak as well.

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
