//! The load generator against a node, by the protocols that other servers speak as well.

use std::time::Duration;

use clap::Parser as _;
use roomcast_load::{Args, Report};

use crate::support::{node, open};

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
    let (_host, _key) = open(&node, "open already").await;
    let report = load(&in_a_room(port, &alone)).await;
    assert_eq!(report.shortfall(), None, "{report}");
    node.shutdown().await;
}

/// A second of VP8 in IVF: a key frame, and what follows it. The content is noise.
fn ivf() -> Vec<u8> {
    let mut bytes = b"DKIF\0\0\x20\0VP80\x80\x02\x68\x01".to_vec();
    for field in [1_000_u32, 1, 0, 0] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    let mut noise = (0_u32..).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8);
    for number in 0..30_u64 {
        let mut frame = if number == 0 {
            vec![0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1]
        } else {
            vec![0x11, 2, 0]
        };
        frame.extend(noise.by_ref().take(if number == 0 { 5_000 } else { 1_500 }));
        bytes.extend_from_slice(&u32::try_from(frame.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(&(number * 33).to_le_bytes());
        bytes.extend_from_slice(&frame);
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_sent_in_place_of_a_synthetic_picture_and_measured_all_the_same() {
    let (node, data) = node().await;
    let file = data.path().join("clip.ivf");
    std::fs::write(&file, ivf()).unwrap();
    let file = file.to_str().unwrap();
    let usual = ["--token", KEY, "--whep-token", "", "--file", file];
    let report = load(&args(node.address().port(), &usual)).await;
    assert_eq!(report.shortfall(), None, "{report}");
    assert!(report.latency.p50 > 0.0 && report.packets.received > 3 * 60, "{report}");
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_publishers_by_whip_share_the_viewers_out() {
    let (node, _data) = node().await;
    let numbered = |endpoint| url(node.address().port(), endpoint) + "-{n}";
    let (whip, whep) = (numbered("whip"), numbered("whep"));
    let usual = ["load", "--whip", &whip, "--whep", &whep, "--token", KEY, "--whep-token", ""];
    let more = ["--publishers", "2", "--viewers", "5", "--duration", "1", "--bitrate", "500000"];
    let report = load(&Args::try_parse_from([&usual[..], &more].concat()).unwrap()).await;
    assert_eq!(report.shortfall(), None, "{report}");
    assert_eq!(report.viewers.with_picture, 5, "{report}");
    node.shutdown().await;
}

#[tokio::test]
async fn a_file_that_is_not_right_is_refused_with_the_byte_at_which_it_is_not() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("clip.ivf");
    std::fs::write(&file, &ivf()[..3_000]).unwrap();
    let args = in_a_room(9, &["--file", file.to_str().unwrap()]);
    let failed = roomcast_load::run(&args, |_progress| {}).await.unwrap_err();
    let failed = format!("{failed:#}");
    assert!(failed.contains("clip.ivf: byte 32: the frame is said to reach beyond"), "{failed}");
}
