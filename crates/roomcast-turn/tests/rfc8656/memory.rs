//! What an allocation takes.

#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use roomcast_turn::Limits;

use crate::lab::*;
use crate::wire::*;

/// Measured in a process of its own, in which no other test takes memory.
#[test]
fn an_allocation_takes_at_most_two_kilobytes() {
    if env::var_os(ALONE).is_some() {
        return measure();
    }
    let test = "memory::an_allocation_takes_at_most_two_kilobytes";
    let mut alone = Command::new(env::current_exe().unwrap());
    let output = alone.args([test, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// With as many permissions and channels as it may have.
fn measure() {
    // Just above what half of the tables would hold: their worst case.
    const COUNT: u16 = 4_000;
    let limits = Limits { per_user: 1, per_address: 1, total: 10_000, bytes_per_second: None };
    let peers: Vec<SocketAddr> = (1..=24).map(|host| ([203, 0, 113, host], 8_443).into()).collect();
    let mut lab = Lab::with(|config| {
        config.limits = limits;
        config.policy.node.clone_from(&peers);
    });
    let before = resident();
    for number in 0..COUNT {
        let [high, low] = number.to_be_bytes();
        let client = udp_at([11, 0, high, low].into(), 4_000);
        let mut browser = Browser::at(client, &format!("participant-{number:08}"));
        browser.allocate(&mut lab);
        let request = Draft::new(CREATE_PERMISSION, lab.transaction());
        let request = peers.iter().fold(request, |request, peer| request.with_peer(*peer));
        assert_eq!(browser.ask(&mut lab, request).code(), 0);
        for (channel, peer) in (0x4000..).zip(&peers).take(16) {
            assert_eq!(browser.bind(&mut lab, channel, *peer).code(), 0);
        }
        lab.outputs.clear();
    }
    let each = (resident() - before) / usize::from(COUNT);
    assert!(each <= 2_048, "{each} bytes");
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let told = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = told.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4_096
}

/// Says to the child that it is the one that measures.
const ALONE: &str = "ROOMCAST_TEST_ALONE";
