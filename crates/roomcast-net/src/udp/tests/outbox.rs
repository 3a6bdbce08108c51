//! Whatever is put into an outbox comes out, in order and in legal groups.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use proptest::prelude::*;

use crate::udp::{
    Group, MAX_DATAGRAM_BYTES, MAX_DESTINATION_BYTES, MAX_DESTINATIONS, MAX_GROUP_BYTES,
    MAX_GROUP_SEGMENTS, NotTaken, Outbox,
};

fn destination(number: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 1_000 + number))
}

/// The sizes of the datagrams of each group.
fn drained_sizes(outbox: &mut Outbox) -> Vec<Vec<usize>> {
    let mut groups = Vec::new();
    outbox.drain(|group| groups.push(group.datagrams().map(<[u8]>::len).collect()));
    groups
}

fn push_sizes(sizes: &[usize]) -> Outbox {
    let mut outbox = Outbox::new();
    for size in sizes {
        outbox.push(destination(0), None, &vec![0; *size]).unwrap();
    }
    outbox
}

#[test]
fn packets_of_a_frame_leave_as_one_group_with_the_short_one_last() {
    let mut outbox = push_sizes(&[1100, 1100, 1100, 700]);
    assert_eq!(drained_sizes(&mut outbox), [[1100, 1100, 1100, 700]]);
    assert!(outbox.is_empty());
}

#[test]
fn a_group_ends_behind_a_short_datagram_and_before_a_long_one() {
    let mut outbox = push_sizes(&[1100, 700, 700, 1100, 1100]);
    let groups: Vec<Vec<usize>> = vec![vec![1100, 700], vec![700], vec![1100, 1100]];
    assert_eq!(drained_sizes(&mut outbox), groups);
}

#[test]
fn a_group_has_64_datagrams_and_65000_bytes_at_most() {
    let mut small = push_sizes(&[100; 65]);
    assert_eq!(drained_sizes(&mut small).iter().map(Vec::len).collect::<Vec<_>>(), [64, 1]);
    let mut large = push_sizes(&[1300; 51]);
    assert_eq!(drained_sizes(&mut large).iter().map(Vec::len).collect::<Vec<_>>(), [50, 1]);
}

#[test]
fn a_group_has_one_source_address() {
    let mut outbox = Outbox::new();
    let sources = [None, Some(IpAddr::from([10, 0, 0, 1])), Some(IpAddr::from([10, 0, 0, 1]))];
    for source in sources {
        outbox.push(destination(0), source, &[0; 10]).unwrap();
    }
    let mut seen = Vec::new();
    outbox.drain(|group| seen.push((group.source_ip, group.datagrams().len())));
    assert_eq!(seen, [(sources[0], 1), (sources[1], 2)]);
}

#[test]
fn destinations_leave_in_the_order_of_their_first_datagram() {
    let mut outbox = Outbox::new();
    for number in [2, 0, 2, 1, 0] {
        outbox.push(destination(number), None, &[0; 10]).unwrap();
    }
    let mut seen = Vec::new();
    outbox.drain(|group| seen.push((group.destination, group.datagrams().len())));
    assert_eq!(seen, [(destination(2), 2), (destination(0), 2), (destination(1), 1)]);
}

#[test]
fn a_datagram_of_parts_leaves_whole_and_from_its_socket() {
    let mut outbox = Outbox::<u8>::default();
    for (socket, payload) in [(1, [7, 7]), (2, [8, 8]), (1, [9, 9])] {
        outbox.push_parts(socket, destination(0), None, &[&[1, 2], &payload]).unwrap();
    }
    let mut seen = Vec::new();
    outbox.drain_sockets(|socket, group| seen.push((socket, group.contents.to_vec())));
    assert_eq!(seen, [(1, vec![1, 2, 7, 7, 1, 2, 9, 9]), (2, vec![1, 2, 8, 8])]);
}

#[test]
fn what_is_written_in_place_stands_behind_the_others_or_not_at_all() {
    let mut outbox = Outbox::new();
    let ends = (destination(0), None);
    let add = |bytes: &'static [u8], is_right: bool| {
        move |queue: &mut Vec<u8>| {
            queue.extend_from_slice(bytes);
            is_right
        }
    };
    outbox.push(destination(0), None, &[1, 2]).unwrap();
    outbox.push_filled((), ends, 2, add(&[3, 4], true)).unwrap();
    outbox.push_filled((), ends, 2, add(&[5, 6], false)).unwrap();
    outbox.push_filled((), ends, 2, add(&[7, 8, 9], true)).unwrap();
    outbox.push_filled((), ends, 2, add(&[10], true)).unwrap();
    outbox.push_filled((), ends, 2, add(&[11, 12], true)).unwrap();
    assert_eq!(outbox.bytes(), 6);
    let mut seen = Vec::new();
    outbox.drain(|group| seen.push(group.contents.to_vec()));
    assert_eq!(seen, [[1, 2, 3, 4, 11, 12]]);
    assert_eq!(outbox.bytes(), 0);
}

#[test]
fn it_tells_for_whom_the_last_datagram_waits() {
    let mut outbox = Outbox::new();
    assert!(!outbox.ends_with((), destination(0)));
    outbox.push(destination(0), None, &[0; 10]).unwrap();
    outbox.push(destination(1), None, &[0; 10]).unwrap();
    assert!(outbox.ends_with((), destination(1)) && !outbox.ends_with((), destination(0)));
    outbox.push(destination(0), None, &[0; 10]).unwrap();
    assert!(outbox.ends_with((), destination(0)));
    outbox.drain(|_| ());
    assert!(!outbox.ends_with((), destination(0)), "nothing waits");
}

#[test]
fn what_cannot_be_sent_is_not_taken() {
    let mut outbox = Outbox::new();
    assert_eq!(outbox.push(destination(0), None, &[]), Err(NotTaken::Size));
    let long = vec![0; MAX_DATAGRAM_BYTES + 1];
    assert_eq!(outbox.push(destination(0), None, &long), Err(NotTaken::Size));
    assert!(outbox.is_empty());
}

#[test]
fn one_destination_cannot_fill_the_memory() {
    let mut outbox = Outbox::new();
    let datagram = vec![0; 64 * 1024 - 64];
    let fitting = MAX_DESTINATION_BYTES / datagram.len();
    for _ in 0..fitting {
        outbox.push(destination(0), None, &datagram).unwrap();
    }
    assert_eq!(outbox.push(destination(0), None, &datagram), Err(NotTaken::Full));
    assert_eq!(outbox.push(destination(1), None, &datagram), Ok(()));
    assert_eq!(drained_sizes(&mut outbox).len(), fitting + 1);
    assert_eq!(outbox.push(destination(0), None, &datagram), Ok(()));
}

#[test]
fn the_number_of_destinations_is_bounded() {
    let mut outbox = Outbox::new();
    for number in 0..u16::try_from(MAX_DESTINATIONS).unwrap() {
        outbox.push(destination(number), None, &[0]).unwrap();
    }
    assert_eq!(outbox.push(destination(60_000), None, &[0]), Err(NotTaken::Full));
    assert_eq!(drained_sizes(&mut outbox).len(), MAX_DESTINATIONS);
    assert_eq!(outbox.push(destination(60_000), None, &[0]), Ok(()));
}

fn assert_legal(group: &Group<'_>) {
    let sizes: Vec<usize> = group.datagrams().map(<[u8]>::len).collect();
    let (last, others) = sizes.split_last().unwrap();
    assert!(others.iter().all(|size| *size == group.segment_size));
    assert!((1..=group.segment_size).contains(last));
    assert!(sizes.len() <= MAX_GROUP_SEGMENTS);
    assert!(sizes.len() == 1 || group.contents.len() <= MAX_GROUP_BYTES);
}

proptest! {
    #[test]
    fn whatever_is_pushed_comes_out_in_order_and_in_legal_groups(
        rounds in prop::collection::vec(
            prop::collection::vec((0_u16..5, 0_u8..3, 1_usize..1_500), 0..200),
            1..4,
        ),
    ) {
        let mut outbox = Outbox::new();
        for pushes in rounds {
            let mut expected = BTreeMap::<SocketAddr, Vec<(Option<IpAddr>, Vec<u8>)>>::new();
            for (serial, (to, from, size)) in pushes.iter().enumerate() {
                let source = (*from > 0).then(|| IpAddr::from([10, 0, 0, *from]));
                // Sizes repeat, as those of a frame's packets do.
                let contents = vec![u8::try_from(serial % 251).unwrap(); size / 400 * 400 + 1];
                outbox.push(destination(*to), source, &contents).unwrap();
                expected.entry(destination(*to)).or_default().push((source, contents));
            }
            let mut got = BTreeMap::<SocketAddr, Vec<(Option<IpAddr>, Vec<u8>)>>::new();
            outbox.drain(|group| {
                assert_legal(&group);
                let datagrams = group.datagrams().map(|d| (group.source_ip, d.to_vec()));
                got.entry(group.destination).or_default().extend(datagrams);
            });
            prop_assert_eq!(got, expected);
            prop_assert!(outbox.is_empty());
        }
    }
}
