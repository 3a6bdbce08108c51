use std::time::Duration;

use super::*;
use crate::frame::{Frame, PictureId};
use crate::media::Codec;
use crate::run::tests::packet;

pub(super) fn at(epoch: u64, seq: u64, time: u32) -> MediaPacket {
    let mut p = packet(seq, time, false);
    p.epoch.session = epoch;
    p
}

/// Any moment.
pub(super) fn moment() -> Instant {
    packet(0, 0, false).arrival
}

/// A packet of VP8 with a picture of 15 bits.
fn picture(seq: u64, time: u32, (id, tl0, temporal): (u16, u8, u8)) -> MediaPacket {
    let [high, low] = (id | 0x8000).to_be_bytes();
    let payload = [0x90, 0xE0, high, low, tl0, temporal << 6, 0x01];
    let frame = Frame::read(Codec::Vp8, &payload).unwrap();
    MediaPacket { frame, payload: payload.into(), ..at(1, seq, time) }
}

fn captured(packet: MediaPacket, captured: Instant) -> MediaPacket {
    MediaPacket { captured, ..packet }
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn late_and_lost_packets_keep_their_place() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&at(1, 70_000, 10), now);
    let seqs: Vec<_> =
        [70_000, 70_003, 70_001].map(|seq| rewrite.map(&at(1, seq, 10), now).unwrap().seq).to_vec();
    assert_eq!(seqs, [1, 4, 2]);
    assert_eq!(rewrite.map(&at(1, 69_999, 10), now), None);
}

#[test]
fn a_new_publisher_goes_on_where_the_old_one_stopped() {
    let start = moment();
    let later = start + 1_000 * MS;
    let mut rewrite = Rewrite::new(90_000);
    let first = captured(at(1, 500, 1_000), start);
    rewrite.resume_at(&first, start);
    rewrite.map(&first, start);
    let next = captured(at(2, 9, u32::MAX), later);
    rewrite.resume_at(&next, later);
    let numbers = rewrite.map(&next, later).unwrap();
    assert_eq!(
        numbers,
        Numbers { seq: 2, time: 91_000, drawn: 0, picture: None, is_filler: false }
    );
    assert_eq!(rewrite.map(&at(1, 501, 1_100), later), None, "the old epoch is over");
}

#[test]
fn another_layer_goes_on_by_when_it_was_captured() {
    let start = moment();
    let mut rewrite = Rewrite::new(90_000);
    let mut send = |epoch, time, age_ms: u32, now: Instant| {
        let packet = captured(at(epoch, 5, time), now - age_ms * MS);
        rewrite.resume_at(&packet, now);
        rewrite.map(&packet, now).unwrap().time
    };
    let first = send(1, 1_000, 150, start + 1_000 * MS);
    assert_eq!(send(2, 77, 50, start + 1_010 * MS), first + 110 * 90, "it travelled faster");
    assert_eq!(send(3, 9, 90, start + 1_040 * MS), first + 110 * 90 + 1, "captured before");
    let last = first + 110 * 90 + 1;
    assert_eq!(send(4, 0, 0, start + 4_050 * MS), last + 3_100 * 90, "after 3 s without any");
}

#[test]
fn kept_frames_are_drawn_towards_the_newest_and_late_ones_fit_in() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    let newest = at(1, 40, 120_000);
    rewrite.replay(&at(1, 0, 0), &newest, now);
    let mut time = |seq: u64| rewrite.map(&at(1, seq, seq as u32 * 3_000), now).unwrap().time;
    assert_eq!([time(40), time(41)], [120_000, 123_000], "live goes on from the newest");
    let [first, third, second] = [time(0), time(2), time(1)];
    assert!(first < second && second < third && first > 116_000, "{first} {second} {third}");
}

#[test]
fn a_replay_of_what_was_sent_before_does_not_go_back_in_time() {
    let start = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&at(1, 0, 0), start);
    let before = rewrite.map(&at(1, 40, 120_000), start).unwrap();
    let later = start + 10 * MS;
    rewrite.replay(&at(1, 0, 0), &at(1, 40, 120_000), later);
    let first = rewrite.map(&at(1, 0, 0), later).unwrap();
    let newest = rewrite.map(&at(1, 40, 120_000), later).unwrap();
    assert_eq!((first.seq, first.time), (before.seq + 1, before.time + 1));
    assert!(newest.time <= before.time + 10 * 90, "lips stay in step");
}

#[test]
fn a_lower_layer_whose_kept_frames_are_older_fits_behind_what_was_sent() {
    let start = moment();
    let now = start + 5_000 * MS;
    let mut rewrite = Rewrite::new(90_000);
    let sent = captured(at(1, 0, 5_000), start + 4_900 * MS);
    rewrite.resume_at(&sent, now);
    let before = rewrite.map(&sent, now).unwrap().time;
    // 60 frames a second; the newest, 120, was captured 50 ms before what was sent.
    let frame = |n: u32| {
        let at_time = start + 2_850 * MS + n * 1_000 * MS / 60;
        captured(at(2, n.into(), 800_000 + n * 1_500), at_time)
    };
    rewrite.replay(&frame(0), &frame(120), now);
    let times: Vec<_> = (0..=124).map(|n| rewrite.map(&frame(n), now).unwrap().time).collect();
    assert!(times.first().unwrap() > &before && times.is_sorted_by(|a, b| a < b), "{times:?}");
    // Frame 124 was captured 17 ms after what was sent.
    let step = times.last().unwrap() - before;
    assert!((1_500..1_500 + 90 * 10).contains(&step), "{step}");
}

#[test]
fn what_is_left_out_closes_up_and_late_packets_of_it_fill_their_place() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&picture(10, 0, (100, 7, 0)), now);
    let map =
        |rewrite: &mut Rewrite, p: &MediaPacket| rewrite.map(p, now).map(|n| (n.seq, n.is_filler));
    assert_eq!(map(&mut rewrite, &picture(10, 0, (100, 7, 0))), Some((1, false)));
    // 11 is lost, 12 to 14 are of one frame, of which 13 is lost.
    for seq in [12, 14] {
        assert_eq!(rewrite.skip(&picture(seq, 3_000, (101, 7, 2)), now), None);
    }
    assert_eq!(map(&mut rewrite, &picture(15, 6_000, (102, 7, 1))), Some((3, false)));
    assert_eq!(rewrite.skip(&picture(13, 3_000, (101, 7, 2)), now), None, "amid what is left out");
    let late = rewrite.skip(&picture(11, 3_000, (101, 7, 2)), now).unwrap();
    assert_eq!((late.seq, late.is_filler, late.picture), (2, true, None));
}

#[test]
fn a_late_frame_whose_picture_is_waited_for_is_sent_though_it_is_not_wanted() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&picture(10, 0, (100, 7, 0)), now);
    rewrite.map(&picture(10, 0, (100, 7, 0)), now).unwrap();
    rewrite.map(&picture(12, 6_000, (102, 7, 1)), now).unwrap();
    let late = rewrite.skip(&picture(11, 3_000, (101, 7, 2)), now).unwrap();
    assert_eq!((late.seq, late.is_filler), (2, false));
}

#[test]
fn the_rest_of_a_frame_that_was_left_out_is_left_out() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&picture(10, 0, (100, 7, 0)), now);
    rewrite.map(&picture(10, 0, (100, 7, 0)), now).unwrap();
    assert_eq!(rewrite.skip(&picture(11, 3_000, (101, 7, 2)), now), None);
    assert_eq!(rewrite.map(&picture(12, 3_000, (101, 7, 2)), now), None);
    assert_eq!(rewrite.map(&picture(13, 6_000, (102, 7, 1)), now).unwrap().seq, 2);
}

#[test]
fn pictures_are_patched_only_where_their_numbers_change() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&picture(10, 0, (0x7FFE, 255, 0)), now);
    assert_eq!(rewrite.map(&picture(10, 0, (0x7FFE, 255, 0)), now).unwrap().picture, None);
    assert_eq!(rewrite.map(&picture(11, 3_000, (0x7FFF, 255, 2)), now).unwrap().picture, None);
    let next = picture(500, 9_000, (77, 3, 0));
    rewrite.resume_at(&next, now);
    let id = Some(PictureId { value: 0, is_long: true });
    let expected = Vp8Numbers { id, tl0: Some(0), temporal: 0 };
    assert_eq!(rewrite.map(&next, now).unwrap().picture, Some(expected));
}

#[test]
fn a_publisher_that_restarts_its_picture_numbers_is_followed() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&picture(10, 0, (100, 7, 0)), now);
    let id = |rewrite: &mut Rewrite, p: MediaPacket| match rewrite.place(&p, true, now)?.1? {
        Picture::Sent(vp8) => Some((vp8.id?.value, vp8.tl0?)),
        Picture::LeftOut => None,
    };
    assert_eq!(id(&mut rewrite, picture(10, 0, (100, 7, 0))), Some((100, 7)));
    assert_eq!(id(&mut rewrite, picture(12, 3_000, (20_000, 200, 0))), Some((101, 8)));
    assert_eq!(id(&mut rewrite, picture(13, 6_000, (19_000, 9, 1))), Some((102, 8)), "backwards");
    assert_eq!(id(&mut rewrite, picture(11, 0, (100, 7, 0))), None, "of before");
}

#[test]
fn packets_that_do_not_say_their_layer_follow_the_beginning_of_their_frame() {
    let now = moment();
    let mut rewrite = Rewrite::new(90_000);
    rewrite.resume_at(&at(1, 10, 0), now);
    let mut map = |packet: &MediaPacket| rewrite.map(packet, now).map(|n| (n.seq, n.is_filler));
    assert_eq!(map(&at(1, 10, 0)), Some((1, false)));
    assert_eq!(rewrite.skip(&at(1, 11, 3_000), now), None);
    let mut map = |packet: &MediaPacket| rewrite.map(packet, now).map(|n| (n.seq, n.is_filler));
    assert_eq!(map(&at(1, 12, 3_000)), None);
    assert_eq!(map(&at(1, 14, 6_000)), Some((3, false)));
    assert_eq!(map(&at(1, 13, 3_000)), Some((2, true)), "late, of the same frame");
}
