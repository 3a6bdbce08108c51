//! How much RTCP of one peer is read.
//!
//! A few bytes of it can mean a lot of work: transport-wide feedback of 28 bytes says something of 30,000
//! packets, and whoever floods us with it would keep the shard from everyone else. What a peer has to
//! say grows with what it is sent, and is far below this bound also where much is lost.

use std::time::Instant;

/// A token bucket of bytes.
#[derive(Debug)]
pub(crate) struct Allowance {
    left: f32,
    filled: Instant,
}

impl Allowance {
    pub(crate) fn new(now: Instant) -> Self {
        Self { left: BURST, filled: now }
    }

    /// Whether a datagram is to be read. Anything but RTCP is.
    pub(crate) fn admits(&mut self, now: Instant, datagram: &[u8]) -> bool {
        if !is_rtcp(datagram) {
            return true;
        }
        let size = datagram.len() as f32;
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f32();
        self.left = (self.left + elapsed * PER_SECOND).min(BURST);
        self.filled = now;
        let admits = self.left >= size;
        if admits {
            self.left -= size;
        }
        admits
    }
}

/// RFC 5761 §4, RFC 9443 §2.1.
fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, 192..=223, ..])
}

/// Bytes in a second: twice what a viewer of 20 Mbit/s sends whose network loses a third. The dearest
/// feedback that fits takes a tenth of a core.
const PER_SECOND: f32 = 32_768.0;

/// What may come at once, in bytes: reports of a full stage together with requests for a thousand
/// packets, or what a network has held up for half a second. Read in one go it takes 50 ms at most.
const BURST: f32 = 16_384.0;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn admitted(allowance: &mut Allowance, at: Instant, datagram: &[u8]) -> usize {
        (0..1_000).filter(|_| allowance.admits(at, datagram)).count()
    }

    #[test]
    fn a_flood_is_read_up_to_the_bound() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let rtcp = [&[0x8F, 205][..], &[0; 1_022]].concat();
        assert_eq!(admitted(&mut allowance, start, &rtcp), 16);
        let steps = (1..=1_000).map(|ms| start + Duration::from_millis(ms));
        let later: usize = steps.map(|at| admitted(&mut allowance, at, &rtcp)).sum();
        assert!((31..=32).contains(&later), "{later}");
        let rested = start + Duration::from_secs(60);
        assert_eq!(admitted(&mut allowance, rested, &rtcp), 16);
    }

    #[test]
    fn small_steps_of_time_add_up() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let rtcp = [&[0x80, 201][..], &[0; 62]].concat();
        admitted(&mut allowance, start, &rtcp);
        let steps = (1..=100_000).map(|step| start + Duration::from_micros(step * 10));
        let later = steps.filter(|at| allowance.admits(*at, &rtcp)).count();
        assert!((500..=513).contains(&later), "{later}");
    }

    #[test]
    fn media_checks_and_handshakes_are_not_counted() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        for first_bytes in [[0x80, 96], [0x90, 0x80 | 111], [0, 1], [22, 254]] {
            let datagram = [&first_bytes[..], &[0; 1_000]].concat();
            assert_eq!(admitted(&mut allowance, start, &datagram), 1_000);
        }
    }
}
