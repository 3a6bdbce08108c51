//! Real sockets on the loopback interface.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};

use crate::udp::{Group, RecvBatch, Sent, Socket, Stop};

const V4: &str = "127.0.0.1:0";
const V6: &str = "[::1]:0";
const DUAL: &str = "[::]:0";

fn bind(address: &str) -> Socket {
    Socket::bind(address.parse().unwrap()).unwrap()
}

/// Where there is no IPv6, its part of a test is left out.
fn machine_has_v6() -> bool {
    UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

/// Something that arrived: source, destination address, contents.
type Arrived = (SocketAddr, Option<IpAddr>, Vec<u8>);

/// Waits until `count` datagrams have arrived.
fn receive(socket: &mut Socket, count: usize) -> Vec<Arrived> {
    let mut poll = Poll::new().unwrap();
    poll.registry().register(socket, Token(0), Interest::READABLE).unwrap();
    let (mut events, mut batch, mut arrived) =
        (Events::with_capacity(4), RecvBatch::new(), Vec::new());
    while arrived.len() < count {
        poll.poll(&mut events, Some(Duration::from_secs(5))).unwrap();
        assert!(!events.is_empty(), "only {} of {count} arrived", arrived.len());
        // As a shard reads: what comes after a batch that was the last must be reported anew.
        while socket.recv(&mut batch).unwrap() > 0 {
            arrived.extend(
                batch.datagrams().map(|d| (d.source, d.destination_ip, d.contents.to_vec())),
            );
            if !batch.may_leave_more() {
                break;
            }
        }
    }
    poll.registry().deregister(socket).unwrap();
    arrived
}

/// Twenty datagrams: equal ones that tell their number, and a short one last.
fn frame() -> Vec<u8> {
    (0_u8..20).flat_map(|number| vec![number; if number == 19 { 500 } else { 1_100 }]).collect()
}

fn send_frame(from: &mut Socket, to: SocketAddr) -> Sent {
    let contents = frame();
    from.send(&Group { destination: to, source_ip: None, segment_size: 1_100, contents: &contents })
}

fn assert_is_frame(arrived: &[Arrived], from: SocketAddr) {
    assert_eq!(arrived.len(), 20);
    for (number, (source, _, contents)) in arrived.iter().enumerate() {
        assert_eq!(*source, from);
        assert_eq!(usize::from(contents[0]), number);
        assert_eq!(contents.len(), if number == 19 { 500 } else { 1_100 });
    }
}

#[test]
fn a_group_arrives_as_its_datagrams_in_order() {
    let addresses = [V4, V6];
    let usable = if machine_has_v6() { 2 } else { 1 };
    for address in &addresses[..usable] {
        let (mut a, mut b) = (bind(address), bind(address));
        let sent = send_frame(&mut a, b.local_addr());
        assert_eq!((sent.datagrams, sent.stopped), (20, None));
        if cfg!(target_os = "linux") {
            assert_eq!(sent.calls, 1);
        }
        assert_is_frame(&receive(&mut b, 20), a.local_addr());
    }
}

#[test]
fn without_gso_the_same_arrives() {
    let (mut a, mut b) = (bind(V4), bind(V4));
    a.limit_segments(1);
    let sent = send_frame(&mut a, b.local_addr());
    assert_eq!((sent.datagrams, sent.calls, sent.stopped), (20, 20, None));
    assert_is_frame(&receive(&mut b, 20), a.local_addr());
}

#[test]
fn a_dual_stack_socket_speaks_ipv4_and_ipv6_in_plain_addresses() {
    let (mut dual, mut v4) = (bind(DUAL), bind(V4));
    let port = dual.local_addr().port();
    let _ = send_frame(&mut v4, SocketAddr::from(([127, 0, 0, 1], port)));
    let arrived = receive(&mut dual, 20);
    assert_is_frame(&arrived, v4.local_addr());
    if cfg!(target_os = "linux") {
        assert_eq!(arrived[0].1, Some(IpAddr::from([127, 0, 0, 1])));
    }
    let sent = send_frame(&mut dual, v4.local_addr());
    assert_eq!((sent.datagrams, sent.stopped), (20, None));
    assert_is_frame(&receive(&mut v4, 20), SocketAddr::from(([127, 0, 0, 1], port)));
    if machine_has_v6() {
        let mut v6 = bind(V6);
        let _ = send_frame(&mut dual, v6.local_addr());
        let arrived = receive(&mut v6, 20);
        assert_is_frame(&arrived, SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_leaves_from_the_address_to_which_the_question_came() {
    for wildcard in ["0.0.0.0:0", DUAL] {
        let (mut node, mut peer) = (bind(wildcard), bind(V4));
        let asked = SocketAddr::from(([127, 0, 0, 2], node.local_addr().port()));
        let _ = peer.send(&Group::single(asked, None, b"question"));
        let (source, destination_ip, _) = receive(&mut node, 1).remove(0);
        let answer = Group::single(source, destination_ip, b"answer");
        assert_eq!(node.send(&answer).stopped, None);
        assert_eq!(receive(&mut peer, 1)[0].0, asked);
    }
}

#[test]
fn an_odd_address_does_not_cost_the_others_their_grouping() {
    let mut a = bind("0.0.0.0:0");
    let mut b = bind(V4);
    let before = a.max_segments();
    let contents = frame();
    let refused = |a: &mut Socket, destination, source_ip| {
        let sent =
            a.send(&Group { destination, source_ip, segment_size: 1_100, contents: &contents });
        assert!(matches!(sent.stopped, Some(Stop::Refused(_))), "{sent:?}");
    };
    refused(&mut a, SocketAddr::from(([127, 0, 0, 1], 0)), None);
    // Not an address of this machine (RFC 5737).
    #[cfg(target_os = "linux")]
    refused(&mut a, b.local_addr(), Some(IpAddr::from([192, 0, 2, 1])));
    assert_eq!(a.max_segments(), before);
    let broadcast = Some(IpAddr::from([255, 255, 255, 255]));
    let answer = Group::single(b.local_addr(), broadcast, b"answer");
    assert_eq!(a.send(&answer).stopped, None);
    assert_eq!(receive(&mut b, 1)[0].2, b"answer");
}

#[test]
fn a_group_of_sockets_shares_a_port_that_no_one_else_can_take() {
    let group = Socket::bind_group(V4.parse().unwrap(), 4).unwrap();
    let address = group[0].local_addr();
    assert!(group.iter().all(|socket| socket.local_addr() == address));
    if cfg!(target_os = "linux") {
        assert_eq!(group.len(), 4);
    }
    for count in [1, 4] {
        let error = Socket::bind_group(address, count).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    }
}

#[test]
fn a_socket_on_which_nothing_waits_says_so() {
    let mut socket = bind(V4);
    assert_eq!(socket.recv(&mut RecvBatch::new()).unwrap(), 0);
    assert!(socket.recv_buffer_bytes().unwrap() > 0);
}

#[test]
fn the_families_of_one_port_are_bound_apart() {
    let v4 = Socket::bind_one_family("0.0.0.0:0".parse().unwrap(), 65_536).unwrap();
    let port = v4.local_addr().port();
    let taken = Socket::bind_one_family(v4.local_addr(), 65_536).unwrap_err();
    assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
    if !machine_has_v6() {
        return;
    }
    let v6 = format!("[::]:{port}").parse().unwrap();
    assert_eq!(Socket::bind_one_family(v6, 65_536).unwrap().local_addr(), v6);
}
