//! The seeds of the fuzz targets, and findings that became seeds, run without a fuzzer.

use std::fs;
use std::path::Path;

use roomcast_turn::Counters;

#[path = "../../../../fuzz/src/framing.rs"]
#[allow(unreachable_pub, reason = "it is a part of another crate")]
mod framing;
#[path = "../../../../fuzz/src/messages.rs"]
#[allow(unreachable_pub, reason = "it is a part of another crate")]
mod messages;

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let seeds =
        files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()));
    let seeds: Vec<_> = seeds.collect();
    assert!(!seeds.is_empty());
    seeds
}

#[test]
fn the_seeds_of_messages_keep_the_promises_and_reach_far() {
    let reached = |name: &str, counters: Counters| match name {
        "channel" | "permission" => {
            counters.to_peers.packets > 0 && counters.to_clients.packets > 0
        }
        "two-allocations" => counters.to_clients.packets == 2 && counters.unwanted == 1,
        "stream" => counters.opened == 3 && counters.to_peers.packets == 1,
        "sockets" => counters.to_peers.packets == 1 && counters.forbidden == 1,
        "families" => counters.opened == 4 && counters.bad_requests == 2,
        "strangers" => counters.bindings == 1 && counters.malformed == 0,
        "unknown" => counters.bad_requests == 2,
        _ => true,
    };
    for (name, seed) in seeds("messages") {
        let counters = messages::run(&seed);
        assert!(reached(&name, counters), "{name}: {counters:?}");
    }
}

#[test]
fn the_seeds_of_framing_keep_the_promises() {
    for (_, seed) in seeds("framing") {
        framing::run(&seed);
    }
}
