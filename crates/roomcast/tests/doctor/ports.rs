//! The port: free, taken by a stranger, taken by a node.

use std::net::{TcpListener, UdpSocket};

use crate::program::{examined, free_address, started};

#[test]
fn a_machine_with_a_free_port_has_nothing_at_fault_and_is_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let found = examined(free_address(), &folder.path().join("data"), &[]);
    assert_eq!(found.of_status("fault"), Vec::<&str>::new());
    assert_eq!(found.code, Some(0));
    for id in ["tcp-port", "udp-port", "own-addresses-tcp", "own-addresses-udp", "public-address"] {
        assert_eq!(found.status(id), "ok", "{}", found.meaning(id));
    }
    assert!(found.meaning("certificate").contains("at the first start"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_port_taken_by_a_stranger_is_a_fault_and_nothing_is_asked_there() {
    let folder = tempfile::tempdir().unwrap();
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let found = examined(stranger.local_addr().unwrap(), folder.path(), &[]);
    assert_eq!(found.code, Some(1));
    assert_eq!(found.of_status("fault"), ["tcp-port"]);
    assert_eq!(found.status("own-addresses-tcp"), "skipped");
    if cfg!(target_os = "linux") {
        let process = format!("(process {})", std::process::id());
        assert!(found.meaning("tcp-port").contains(&process), "{}", found.meaning("tcp-port"));
    }
    assert!(found.next("tcp-port").contains("--listen"));
}

#[test]
fn a_taken_udp_half_is_told_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let _stranger = UdpSocket::bind(listen).unwrap();
    let found = examined(listen, folder.path(), &[]);
    assert_eq!(found.of_status("fault"), ["udp-port"]);
    assert_eq!(found.status("tcp-port"), "ok");
}

#[test]
fn a_running_node_is_asked_and_all_is_well() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let _node = started(listen, folder.path(), &[]);
    let found = examined(listen, folder.path(), &["--public-address", "127.0.0.1"]);
    assert_eq!(found.of_status("fault"), Vec::<&str>::new(), "{}", found.json);
    assert_eq!(found.code, Some(0));
    for id in ["tcp-port", "udp-port"] {
        assert!(found.meaning(id).starts_with("Your Roomcast node is running"));
    }
    assert!(found.meaning("own-addresses-udp").contains("answered at 127.0.0.1"));
    assert!(found.meaning("public-address").contains("the right one"));
    assert!(found.meaning("data-folder").contains("your running node"));
    assert!(found.meaning("relay").starts_with("The relay carries"), "{}", found.meaning("relay"));
}

#[test]
fn a_node_with_another_data_folder_is_told_from_ones_own() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let listen = free_address();
    let _node = started(listen, other.path(), &[]);
    let found = examined(listen, folder.path(), &[]);
    assert_eq!(found.code, Some(1));
    assert_eq!(found.of_status("fault"), ["tcp-port", "udp-port"], "{}", found.json);
    assert!(found.meaning("tcp-port").starts_with("Another Roomcast node"));
    assert_eq!(found.status("relay"), "skipped");
}

#[test]
fn a_node_that_has_the_data_folder_on_another_port_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let _node = started(free_address(), folder.path(), &[]);
    let found = examined(free_address(), folder.path(), &[]);
    assert_eq!(found.of_status("fault"), ["data-folder"], "{}", found.json);
}

#[test]
fn a_wrong_turn_secret_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let _node = started(listen, folder.path(), &["--turn-secret", "right"]);
    let right = examined(listen, folder.path(), &["--turn-secret", "right"]);
    assert_eq!(right.status("relay"), "ok", "{}", right.meaning("relay"));
    let wrong = examined(listen, folder.path(), &["--turn-secret", "wrong"]);
    assert_eq!((wrong.of_status("fault"), wrong.code), (vec!["relay"], Some(1)));
    assert!(wrong.next("relay").contains("--turn-secret"));
}

#[test]
fn a_node_that_does_not_relay_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let _node = started(listen, folder.path(), &["--no-turn"]);
    let found = examined(listen, folder.path(), &["--no-turn"]);
    assert_eq!((found.status("relay"), found.code), ("warning", Some(0)));
    assert_eq!(found.status("own-addresses-udp"), "skipped");
}

#[test]
fn an_address_of_another_machine_cannot_be_listened_on() {
    let folder = tempfile::tempdir().unwrap();
    let found = examined("192.0.2.1:8443".parse().unwrap(), folder.path(), &[]);
    assert_eq!(found.of_status("fault"), ["tcp-port", "udp-port"]);
    assert!(found.meaning("tcp-port").contains("not an address of this machine"));
}
