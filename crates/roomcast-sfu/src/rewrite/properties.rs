//! What holds for any stream: publishers that lose packets, send them late, change layers, restart
//! and count from anywhere, and subscribers that leave frames out.

use std::time::Duration;

use proptest::prelude::*;

use super::tests::moment;
use super::*;
use crate::frame::{Frame, PictureId};
use crate::packet::Extensions;

/// A part of one layer's stream that the subscriber is sent, from a key frame on.
#[derive(Debug, Clone)]
struct Part {
    layer: u8,
    /// The numbers of the layer begin anew, in another session.
    restart: Option<Start>,
    /// How much of the layer passes while others are sent.
    unseen: u16,
    is_replay: bool,
    frames: Vec<FramePlan>,
}

#[derive(Debug, Clone)]
struct Start {
    seq: u64,
    time: u32,
    id: u16,
    tl0: u8,
}

#[derive(Debug, Clone)]
struct FramePlan {
    packets: Vec<Fate>,
    /// The highest layer that is wanted while this frame comes in.
    limit: u8,
}

/// What becomes of a packet on its way from the publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    /// Behind so many others.
    Late(usize),
    Lost,
}

/// Where a layer of the publisher has come to.
#[derive(Debug, Clone)]
struct Layer {
    epoch: Epoch,
    next: Start,
}

/// A packet that the publisher sent in a part, and what the subscriber got of it.
#[derive(Debug, Clone)]
struct Traced {
    part: usize,
    packet: MediaPacket,
    fate: Fate,
    got: Option<(u64, u32, Option<Vp8Numbers>)>,
}

fn start() -> impl Strategy<Value = Start> {
    let seq = prop_oneof![0u64..10, 65_500u64..65_600, 0..1u64 << 40];
    let time = prop_oneof![any::<u32>(), (u32::MAX - 50_000)..u32::MAX];
    let id = prop_oneof![any::<u16>(), 0x7FF0u16..0x7FFF];
    (seq, time, id, any::<u8>()).prop_map(|(seq, time, id, tl0)| Start { seq, time, id, tl0 })
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![6 => Just(Fate::Arrives), 1 => (1usize..12).prop_map(Fate::Late), 1 => Just(Fate::Lost)]
}

fn part(fate: impl Strategy<Value = Fate> + 'static) -> impl Strategy<Value = Part> {
    let packets = proptest::collection::vec(fate, 1..4);
    let frame = (packets, 0u8..3).prop_map(|(packets, limit)| FramePlan { packets, limit });
    let frames = proptest::collection::vec(frame, 1..25);
    let restart = proptest::option::weighted(0.2, start());
    (0u8..3, restart, any::<u16>(), any::<bool>(), frames).prop_map(
        |(layer, restart, unseen, is_replay, mut frames)| {
            if let Some(first) = frames.first_mut().and_then(|f| f.packets.first_mut()) {
                *first = Fate::Arrives;
            }
            Part { layer, restart, unseen, is_replay, frames }
        },
    )
}

impl Layer {
    /// The packets of a frame, `index` in its part.
    fn frame(
        &mut self,
        layer: u8,
        index: usize,
        packets: usize,
        is_long: bool,
    ) -> Vec<MediaPacket> {
        let temporal = if index == 0 { 0 } else { [0, 2, 1, 2].get(index % 4).copied().unwrap() };
        self.next.time = self.next.time.wrapping_add(3_000);
        self.next.id = self.next.id.wrapping_add(1);
        self.next.tl0 = self.next.tl0.wrapping_add(u8::from(temporal == 0));
        let value = self.next.id & if is_long { 0x7FFF } else { 0x7F };
        let id = Some(PictureId { value, is_long });
        let vp8 = Some(Vp8Numbers { id, tl0: Some(self.next.tl0), temporal });
        let now = moment();
        let packet = |i: usize| MediaPacket {
            is_redundant: false,
            padding: 0,
            epoch: self.epoch,
            layer,
            seq: self.next.seq + i as u64,
            time: self.next.time,
            arrival: now,
            captured: now,
            marker: i + 1 == packets,
            key_frame: index == 0,
            frame: Frame { temporal, vp8, ..Frame::default() },
            extensions: Extensions::default(),
            payload: Vec::new().into(),
        };
        let made = (0..packets).map(packet).collect();
        self.next.seq += packets as u64;
        made
    }

    fn pass(&mut self, frames: u16) {
        self.next.seq += 2 * u64::from(frames);
        self.next.time = self.next.time.wrapping_add(3_000 * u32::from(frames));
        self.next.id = self.next.id.wrapping_add(frames);
        self.next.tl0 = self.next.tl0.wrapping_add(frames as u8);
    }
}

/// The packets of all parts, in the order in which they come in.
fn publish(starts: [Start; 3], parts: &[Part], is_long: bool) -> Vec<(Traced, u8)> {
    let epoch = |stream| Epoch { session: 1, stream };
    let mut layers: Vec<_> =
        (0..3).zip(starts).map(|(i, next)| Layer { epoch: epoch(i), next }).collect();
    let mut all = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let layer = layers.get_mut(usize::from(part.layer)).unwrap();
        layer.pass(part.unseen);
        if let Some(next) = part.restart.clone() {
            layer.epoch.session += 1;
            layer.next = next;
        }
        let mut sent = Vec::new();
        for (index, frame) in part.frames.iter().enumerate() {
            let packets = layer.frame(part.layer, index, frame.packets.len(), is_long);
            for (packet, fate) in packets.into_iter().zip(&frame.packets) {
                let traced = Traced { part: number, packet, fate: *fate, got: None };
                let lateness = if let Fate::Late(by) = fate { *by } else { 0 };
                sent.push((sent.len() + lateness, (traced, frame.limit)));
            }
        }
        sent.sort_by_key(|(at, _)| *at);
        all.extend(sent.into_iter().map(|(_, traced)| traced));
    }
    all
}

/// Lets a subscription take all of it.
fn subscribe(parts: &[Part], mut all: Vec<(Traced, u8)>) -> Vec<Traced> {
    let mut rewrite = Rewrite::new(90_000);
    let (mut now, mut begun, mut limit, mut newest) = (moment(), None, 2, 0);
    for (traced, frame_limit) in &mut all {
        if traced.fate == Fate::Lost {
            continue;
        }
        now += Duration::from_millis(11);
        let mut packet = traced.packet.clone();
        packet.captured = now;
        if begun != Some(traced.part) {
            begun = Some(traced.part);
            newest = packet.seq;
            limit = *frame_limit;
            match parts.get(traced.part).is_some_and(|p| p.is_replay) {
                true => rewrite.replay(&packet, &packet, now),
                false => rewrite.resume_at(&packet, now),
            }
        } else if packet.seq > newest {
            // As a subscription does: between frames alone, and what is late does not count.
            newest = packet.seq;
            limit = *frame_limit;
        }
        let is_wanted = packet.frame.temporal <= limit;
        traced.got = rewrite.place(&packet, is_wanted, now).map(|(numbers, picture)| {
            let vp8 = match picture {
                Some(Picture::Sent(vp8)) if !numbers.is_filler => Some(vp8),
                _ => None,
            };
            (numbers.seq, numbers.time, vp8)
        });
    }
    let mut traced: Vec<_> = all.into_iter().map(|(traced, _)| traced).collect();
    traced.sort_by_key(|t| (t.part, t.packet.seq));
    traced
}

/// Checks all numbers that the subscriber got, in the order in which they were published.
fn check(traced: &[Traced]) -> Result<(), TestCaseError> {
    let got: Vec<_> = traced.iter().enumerate().filter_map(|(i, t)| Some((i, t, t.got?))).collect();
    prop_assert_eq!(got.first().map(|(_, _, (seq, ..))| *seq), Some(FIRST_SEQ));
    for pair in got.windows(2) {
        let [(i, a, (seq, time, _)), (j, b, (next_seq, next_time, _))] = pair else { continue };
        let between = traced.get(i + 1..*j).unwrap_or_default();
        let lost = between.iter().filter(|t| t.part == a.part && a.part == b.part);
        let lost = lost.filter(|t| t.fate == Fate::Lost).count() as u64;
        prop_assert!(next_seq > seq, "order is kept, nothing is repeated: {a:?} {b:?}");
        prop_assert!(next_seq - seq - 1 <= lost, "only lost packets leave a gap: {a:?} {b:?}");
        let is_same_frame = a.part == b.part && a.packet.time == b.packet.time;
        let step = next_time.wrapping_sub(*time).cast_signed();
        prop_assert!(if is_same_frame { step == 0 } else { step > 0 }, "{step}: {a:?} {b:?}");
    }
    check_pictures(traced)
}

/// The first packet of each frame that the subscriber got something of.
fn check_pictures(traced: &[Traced]) -> Result<(), TestCaseError> {
    let shown = traced.iter().enumerate().filter_map(|(i, t)| Some((i, t, t.got?.2?)));
    let shown: Vec<_> = shown.collect();
    for pair in shown.windows(2) {
        let [(i, a, from), (j, b, to)] = pair else { continue };
        let is_same_frame = a.part == b.part && a.packet.time == b.packet.time;
        let between = traced.get(i + 1..*j).unwrap_or_default();
        let lost = |is_base: bool| {
            let mut times: Vec<_> = between
                .iter()
                .filter(|t| t.part == a.part && a.part == b.part && t.fate == Fate::Lost)
                .filter(|t| ![a.packet.time, b.packet.time].contains(&t.packet.time))
                .filter(|t| !is_base || t.packet.frame.temporal == 0)
                .map(|t| t.packet.time)
                .collect();
            times.dedup();
            times.len() as i64
        };
        let (from_id, to_id) = (from.id.unwrap(), to.id.unwrap());
        let step = to_id.since(from_id.value.into());
        let most = if is_same_frame { 0 } else { 1 + lost(false) };
        let least = i64::from(!is_same_frame);
        prop_assert!((least..=most).contains(&step), "{step} {most}: {a:?} {b:?}");
        let base = i64::from(!is_same_frame && b.packet.frame.temporal == 0);
        let tl0 = i64::from(to.tl0.unwrap().wrapping_sub(from.tl0.unwrap()));
        prop_assert!((base..=base + lost(true)).contains(&tl0), "{tl0}: {a:?} {b:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_comes_the_subscriber_sees_one_stream(
        starts in [start(), start(), start()],
        parts in proptest::collection::vec(part(fate()), 1..8),
        is_long in any::<bool>(),
    ) {
        check(&subscribe(&parts, publish(starts, &parts, is_long)))?;
    }

    #[test]
    fn without_loss_nothing_is_missing(
        starts in [start(), start(), start()],
        parts in proptest::collection::vec(part(Just(Fate::Arrives)), 1..8),
        is_long in any::<bool>(),
    ) {
        let traced = subscribe(&parts, publish(starts, &parts, is_long));
        let seqs: Vec<_> = traced.iter().filter_map(|t| Some(t.got?.0)).collect();
        prop_assert!(seqs.iter().copied().eq(FIRST_SEQ..FIRST_SEQ + seqs.len() as u64));
        check(&traced)?;
    }

    #[test]
    fn numbers_without_rhyme_or_reason_break_nothing(
        packets in proptest::collection::vec((0u64..40, any::<u32>(), start(), 0u8..4, 0u8..4), 1..60)
    ) {
        let mut rewrite = Rewrite::new(90_000);
        let (mut now, mut begun, mut seen, mut sent) = (moment(), 0, Vec::new(), Vec::new());
        for (seq, time, Start { id, tl0, .. }, temporal, what) in packets {
            now += Duration::from_millis(u64::from(time % 50));
            let id = Some(PictureId { value: id & 0x7F, is_long: id > 0x7F });
            let vp8 = Some(Vp8Numbers { id, tl0: Some(tl0), temporal });
            let frame = Frame { temporal, vp8, ..Frame::default() };
            let packet = MediaPacket { seq, time, frame, ..tests::at(1, seq, time) };
            if what == 0 {
                rewrite.replay(&packet, &packet, now);
                begun += 1;
            }
            // The packets of a session come once each.
            if !seen.contains(&(begun, seq)) {
                seen.push((begun, seq));
                sent.extend(rewrite.place(&packet, what != 1, now).map(|(numbers, _)| numbers.seq));
            }
        }
        let count = sent.len();
        sent.sort_unstable();
        sent.dedup();
        prop_assert_eq!(sent.len(), count, "nothing is repeated");
    }
}
