//! When the estimates of a session may rest: everything arrives, in time, and there is nothing better to
//! send. Then most packets need not be seen by the estimator, and go the short way; those that it still
//! sees tell when something changes. See docs/decisions/017.

use std::time::{Duration, Instant};

use crate::media::MediaKind;

/// Whether the estimates of one session rest, and which packets the estimator sees meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    /// Since when nothing has spoken against it.
    calm: Option<Instant>,
    is_on: bool,
    /// It was on, and what has to follow from that it is not any more has not been done.
    has_ended: bool,
    /// When a packet of sound went through the estimator last, and one of a picture.
    sound: Option<Instant>,
    picture: Option<Instant>,
    lately: Lately,
}

/// How much was sent in this second, and asked for again.
#[derive(Debug, Default)]
struct Lately {
    since: Option<Instant>,
    sent: u32,
    missed: u32,
}

impl Rest {
    /// Nothing speaks against it, or something does. Returns whether it has just ended.
    pub(crate) fn turn(&mut self, now: Instant, is_calm: bool) -> bool {
        let was_on = self.is_on;
        self.calm = is_calm.then_some(self.calm.unwrap_or(now));
        self.is_on = self.calm.is_some_and(|since| now >= since + CALM_FOR);
        let ends = was_on && !self.is_on;
        self.has_ended |= ends;
        ends
    }

    /// The peer asks for so many packets again. Returns whether the rest has ended because of that: not
    /// every receiver tells the estimator of all that is lost when it sees few packets.
    pub(crate) fn missed(&mut self, now: Instant, packets: usize) -> bool {
        let lately = self.lately(now);
        lately.missed = lately.missed.saturating_add(u32::try_from(packets).unwrap_or(u32::MAX));
        let is_loss = lately.missed >= MISSED && lately.missed >= lately.sent / MISSED_OF;
        is_loss && self.turn(now, false)
    }

    fn lately(&mut self, now: Instant) -> &mut Lately {
        if self.lately.since.is_none_or(|since| now >= since + SECOND) {
            self.lately = Lately { since: Some(now), ..Lately::default() };
        }
        &mut self.lately
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether what the estimator says is of all packets.
    pub(crate) fn heeds(&self) -> bool {
        !self.is_on && !self.has_ended
    }

    /// Whether it has ended since this was asked last.
    pub(crate) fn take_end(&mut self) -> bool {
        std::mem::take(&mut self.has_ended)
    }

    /// Whether the estimator can do without the next packet. Where there is sound it rather sees that: a
    /// packet of a picture that goes another way breaks its group.
    pub(crate) fn spares(&mut self, now: Instant, kind: MediaKind) -> bool {
        let lately = self.lately(now);
        lately.sent = lately.sent.saturating_add(1);
        let has_sound = !passed(self.sound, SOUND_INTERVAL, now);
        let (last, interval) = match kind {
            MediaKind::Video if has_sound => (&mut self.picture, PICTURE_INTERVAL),
            MediaKind::Video => (&mut self.picture, SAMPLE_INTERVAL),
            MediaKind::Audio => (&mut self.sound, SAMPLE_INTERVAL),
        };
        let spares = self.is_on && !passed(*last, interval, now);
        if !spares {
            *last = Some(now);
        }
        spares
    }
}

fn passed(since: Option<Instant>, interval: Duration, now: Instant) -> bool {
    since.is_none_or(|since| now >= since + interval)
}

/// As long as round trips are compared: what has been calm for so long is compared with itself.
const CALM_FOR: Duration = Duration::from_secs(4);

/// About a frame. How old the newest packet is when feedback is given is part of what is taken for a round
/// trip: with more than this, what rests would look like a queue.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(30);

/// Where sound comes every 20 ms each second packet is seen; where it comes every 60 ms, each. Behind that
/// there is none, as with a microphone that is silent.
const SOUND_INTERVAL: Duration = Duration::from_millis(65);

/// How often a picture is seen nevertheless: str0m pads up to 50 kbit/s what it sends.
const PICTURE_INTERVAL: Duration = Duration::from_millis(150);

/// Over how long what is missed is counted.
const SECOND: Duration = Duration::from_secs(1);

/// A loss that matters: more than a few packets, and at least one of so many.
const MISSED: u32 = 4;
const MISSED_OF: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn it_begins_after_a_while_of_calm_and_ends_at_once() {
        let (mut rest, start) = (Rest::default(), Instant::now());
        assert!(!rest.turn(start, true) && !rest.turn(at(start, 3_999), true) && !rest.is_on());
        assert!(!rest.turn(at(start, 4_000), true) && rest.is_on());
        assert!(rest.turn(at(start, 4_100), false) && !rest.is_on() && !rest.heeds());
        assert!(rest.take_end() && !rest.take_end() && rest.heeds());
        assert!(!rest.turn(at(start, 8_000), true) && !rest.is_on(), "calm begins anew");
    }

    #[test]
    fn a_packet_of_each_thirty_milliseconds_is_seen() {
        let (mut rest, start) = (Rest::default(), Instant::now());
        assert!(!rest.spares(start, MediaKind::Video));
        rest.turn(start, true);
        rest.turn(at(start, 4_000), true);
        let mut spares = |ms: u64| rest.spares(at(start, 4_000 + ms), MediaKind::Video);
        assert_eq!((0..300).filter(|ms| spares(*ms)).count(), 290);
    }

    #[test]
    fn where_there_is_sound_pictures_are_spared() {
        let (mut rest, start) = (Rest::default(), Instant::now());
        rest.turn(start, true);
        rest.turn(at(start, 4_000), true);
        let mut seen = |ms: u64, kind| !rest.spares(at(start, 4_000 + ms), kind);
        let (mut sounds, mut pictures) = (0, 0);
        for ms in 0..600 {
            sounds += u32::from(ms % 20 == 0 && seen(ms, MediaKind::Audio));
            pictures += u32::from(seen(ms, MediaKind::Video));
        }
        assert_eq!((sounds, pictures), (15, 4));
    }

    #[test]
    fn it_ends_when_packets_are_asked_for_again() {
        let (mut rest, start) = (Rest::default(), Instant::now());
        rest.turn(start, true);
        rest.turn(at(start, 4_000), true);
        let sent = |_: &u32| rest.spares(at(start, 4_100), MediaKind::Video);
        let spared = (0..300).filter(sent).count();
        assert_eq!(spared, 299);
        assert!(!rest.missed(at(start, 4_200), 5), "one of sixty");
        assert!(!rest.missed(at(start, 5_200), 3), "hardly anything was sent since, but so few");
        assert!(rest.missed(at(start, 5_300), 1) && !rest.is_on());
        assert!(!rest.missed(at(start, 5_400), 9), "it has ended");
    }
}
