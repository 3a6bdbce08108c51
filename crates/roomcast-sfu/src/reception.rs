//! The judge of how a subscriber session receives: when its participant, and the hosts, are told that
//! it has become better or worse. What changes for a moment is not told.

use std::time::{Duration, Instant};

use crate::quality::{Reception, Standing};

/// The judge of one session.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    limited: Slow,
    poor: Slow,
    told: Reception,
    told_at: Option<Instant>,
}

/// What was seen of a session lately.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Evidence {
    /// As in [`crate::allocator::Plan::is_limited`].
    pub is_limited: bool,
    /// As in [`crate::allocator::Plan::is_starved`].
    pub is_starved: bool,
    /// Bits per second that the network is found to carry; `None` where nothing tells.
    pub available: Option<u64>,
    /// The share of packets that were lost in the last seconds, from 0 to 1; what is beyond or not a
    /// number counts as none.
    pub loss: f32,
}

impl Judge {
    /// Takes in what is seen once a second. Returns what is to be told, if it is news.
    pub(crate) fn judge(&mut self, now: Instant, evidence: Evidence) -> Option<Reception> {
        let is_lossy = evidence.loss >= if self.poor.is_on { LESS_LOSS } else { MUCH_LOSS };
        self.limited.update(now, evidence.is_limited);
        self.poor.update(now, evidence.is_starved || is_lossy);
        let reception = Reception {
            standing: self.standing(),
            available: evidence.available,
            loss_percent: percent(evidence.loss),
        };
        let is_news = reception.standing != self.told.standing || self.is_due(now, reception);
        is_news.then(|| {
            (self.told, self.told_at) = (reception, Some(now));
            reception
        })
    }

    fn standing(&self) -> Standing {
        match (self.poor.is_on, self.limited.is_on) {
            (true, _) => Standing::Poor,
            (false, true) => Standing::Limited,
            (false, false) => Standing::Good,
        }
    }

    /// Whether figures are to be told though the standing is the same.
    fn is_due(&self, now: Instant, reception: Reception) -> bool {
        let is_over = |at| now.saturating_duration_since(at) >= FIGURES_EACH;
        reception.standing != Standing::Good
            && self.told_at.is_none_or(is_over)
            && differs(self.told, reception)
    }
}

/// A yes or no that changes only after the contrary was seen for some seconds on end.
#[derive(Debug, Default)]
struct Slow {
    is_on: bool,
    contrary_since: Option<Instant>,
}

impl Slow {
    fn update(&mut self, now: Instant, is_seen: bool) {
        if is_seen == self.is_on {
            self.contrary_since = None;
            return;
        }
        let since = *self.contrary_since.get_or_insert(now);
        let patience = if is_seen { WORSE_AFTER } else { BETTER_AFTER };
        if now.saturating_duration_since(since) >= patience {
            (self.is_on, self.contrary_since) = (is_seen, None);
        }
    }
}

fn differs(a: Reception, b: Reception) -> bool {
    let bitrates = |a: u64, b: u64| a.abs_diff(b) > a.max(b) / 10;
    let has_moved = match (a.available, b.available) {
        (Some(a), Some(b)) => bitrates(a, b),
        (a, b) => a != b,
    };
    has_moved || a.loss_percent.abs_diff(b.loss_percent) >= 2
}

/// Of a hundred, rounded.
fn percent(loss: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let percent = (loss * 100.0).round().clamp(0.0, 100.0) as u8;
    percent
}

/// A loss that resends do not make good any more: pictures stand still and sound breaks up.
const MUCH_LOSS: f32 = 0.10;
/// A loss at which that is over.
const LESS_LOSS: f32 = 0.07;

/// How long something worse is seen before it is told: estimates need two seconds to settle.
const WORSE_AFTER: Duration = Duration::from_secs(3);
const BETTER_AFTER: Duration = Duration::from_secs(5);

/// How often figures are told while the standing is not good.
const FIGURES_EACH: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Evidence =
        Evidence { is_limited: false, is_starved: false, available: Some(3_000_000), loss: 0.0 };
    const LIMITED: Evidence = Evidence { is_limited: true, available: Some(500_000), ..GOOD };
    const POOR: Evidence = Evidence { is_starved: true, available: Some(50_000), ..LIMITED };

    struct Court {
        judge: Judge,
        now: Instant,
    }

    impl Court {
        fn new() -> Self {
            Self { judge: Judge::default(), now: Instant::now() }
        }

        /// What is told within so many seconds of the same evidence: when, and in which standing.
        fn see(&mut self, seconds: u64, evidence: Evidence) -> Vec<(u64, Reception)> {
            let seconds = (1..=seconds).filter_map(|second| {
                self.now += Duration::from_secs(1);
                self.judge.judge(self.now, evidence).map(|told| (second, told))
            });
            seconds.collect()
        }
    }

    fn standings(told: &[(u64, Reception)]) -> Vec<(u64, Standing)> {
        told.iter().map(|(second, reception)| (*second, reception.standing)).collect()
    }

    #[test]
    fn a_good_network_is_not_spoken_of() {
        let mut court = Court::new();
        assert_eq!(court.see(60, GOOD), []);
        assert_eq!(court.see(60, Evidence { loss: 0.05, available: None, ..GOOD }), []);
    }

    #[test]
    fn what_is_worse_is_told_after_three_seconds_and_what_is_better_after_five() {
        let mut court = Court::new();
        assert_eq!(standings(&court.see(10, LIMITED)), [(4, Standing::Limited)]);
        // The figures first, then the word.
        let told = standings(&court.see(10, POOR));
        assert_eq!(told, [(1, Standing::Limited), (4, Standing::Poor)]);
        assert_eq!(standings(&court.see(6, GOOD)).last(), Some(&(6, Standing::Good)));
        assert_eq!(court.see(60, GOOD), []);
    }

    #[test]
    fn what_passes_is_not_told() {
        let mut court = Court::new();
        for _ in 0..20 {
            assert_eq!(court.see(3, POOR), []);
            assert_eq!(court.see(1, GOOD), []);
        }
        court.see(4, LIMITED);
        for _ in 0..20 {
            let told = [court.see(5, GOOD), court.see(1, LIMITED)].concat();
            assert!(told.iter().all(|(_, told)| told.standing == Standing::Limited), "{told:?}");
        }
    }

    #[test]
    fn what_goes_between_limited_and_poor_is_limited() {
        let mut court = Court::new();
        let told: Vec<_> =
            (0..5).flat_map(|_| [court.see(1, POOR), court.see(1, LIMITED)]).collect();
        let told = standings(&told.concat());
        assert!(!told.is_empty() && told.iter().all(|(_, it)| *it == Standing::Limited));
    }

    #[test]
    fn much_loss_is_poor_until_it_is_clearly_less() {
        let mut court = Court::new();
        let lossy = |loss| Evidence { loss, ..GOOD };
        assert_eq!(court.see(20, lossy(0.09)), []);
        let told = court.see(4, lossy(0.12));
        assert_eq!(standings(&told), [(4, Standing::Poor)]);
        assert_eq!(told[0].1.loss_percent, 12);
        let told = court.see(20, lossy(0.08));
        assert!(told.iter().all(|(_, it)| it.standing == Standing::Poor), "{told:?}");
        assert_eq!(standings(&court.see(6, lossy(0.06))).last(), Some(&(6, Standing::Good)));
    }

    #[test]
    fn figures_are_told_when_they_move_and_no_more_than_each_five_seconds() {
        let mut court = Court::new();
        court.see(4, LIMITED);
        assert_eq!(court.see(30, LIMITED), []);
        let other = |available| Evidence { available: Some(available), ..LIMITED };
        assert_eq!(court.see(1, other(520_000)), [], "hardly");
        let seconds =
            |told: Vec<(u64, Reception)>| told.into_iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(seconds(court.see(1, other(300_000))), [1]);
        assert_eq!(seconds(court.see(20, other(400_000))), [5]);
        assert_eq!(seconds(court.see(5, Evidence { loss: 0.03, ..other(400_000) })), [1]);
    }

    #[test]
    fn absurd_figures_do_no_harm() {
        let mut court = Court::new();
        for loss in [f32::NAN, f32::INFINITY, -1.0, 1e30] {
            for available in [None, Some(0), Some(u64::MAX)] {
                court.see(6, Evidence { loss, available, ..POOR });
            }
        }
        assert!(court.judge.told.loss_percent <= 100);
    }
}
