//! The allocator on networks with a ceiling: an estimator like Google's congestion control, encoders
//! whose bit rates swing, and switches up that wait for a key frame. By seeds.

use super::*;

/// A session that receives one picture of [`LAYERS`] and a sound.
struct Session {
    allocator: Allocator,
    now: Instant,
    began: Instant,
    estimator: Estimator,
    rng: Rng,
    next_plan: Instant,
    plan: Plan,
    /// What is sent, and the better choice that waits for a key frame.
    sent: Choice,
    waiting: Option<(Instant, Choice)>,
    /// When what was planned of the picture changed, and to what.
    changes: Vec<(Duration, Choice)>,
    /// Bits that were sent of sound and picture, and seconds in which they were.
    carried: (f64, f64),
}

/// Delay-based estimation with probes, as coarse as it can be and still have its faults: it follows
/// what is sent, falls to 85 % of it when the queue grows, and knows of more by probes alone.
struct Estimator {
    estimate: f64,
    desired: u64,
    /// A probe under way: when its result is there, and at which rate it goes.
    probe: Option<(Instant, f64)>,
    fell: Instant,
}

impl Estimator {
    fn tick(&mut self, now: Instant, ceiling: f64, offered: f64, rng: &mut Rng) {
        let acknowledged = offered.min(ceiling);
        if offered > ceiling && now - self.fell >= Duration::from_millis(200) {
            (self.estimate, self.fell) = (acknowledged * 0.85, now);
        } else if offered <= ceiling && self.estimate < acknowledged * 1.5 + 10_000.0 {
            let grown = self.estimate * 1.08f64.powf(TICK.as_secs_f64());
            self.estimate = grown.min(acknowledged * 1.5 + 10_000.0);
        }
        if let Some((_, rate)) = self.probe.take_if(|(at, _)| *at <= now) {
            let found = rate.min(ceiling) * (0.9 + 0.12 * rng.f64());
            self.estimate = found;
            let most = self.desired as f64 * 2.0;
            if found >= rate * 0.7 && rate < most {
                self.start_probe(now, (found * 2.0).min(most));
            }
        }
    }

    fn desire(&mut self, now: Instant, desired: u64) {
        if desired > self.desired && desired as f64 > self.estimate {
            self.start_probe(now, (desired as f64).min(self.estimate * 2.0));
        }
        self.desired = desired;
    }

    fn start_probe(&mut self, now: Instant, rate: f64) {
        self.probe = Some((now + Duration::from_millis(200), rate));
    }
}

impl Session {
    fn new(seed: u64) -> Self {
        let now = beginning();
        let estimator = Estimator { estimate: 1_000_000.0, desired: 0, probe: None, fell: now };
        Self {
            allocator: Allocator::default(),
            now,
            began: now,
            estimator,
            rng: Rng::with_seed(seed),
            next_plan: now,
            plan: Plan::default(),
            sent: Choice { layer: 0, temporal: 0 },
            waiting: None,
            changes: Vec::new(),
            carried: (0.0, 0.0),
        }
    }

    fn run(&mut self, seconds: u64, ceiling: f64) {
        let until = self.now + Duration::from_secs(seconds);
        while self.now < until {
            let estimate = self.estimator.estimate * (0.98 + 0.04 * self.rng.f64());
            if self.now >= self.next_plan || estimate < self.plan.used as f64 {
                self.plan(estimate);
            }
            self.send(ceiling);
            self.now += TICK;
        }
    }

    fn plan(&mut self, estimate: f64) {
        // What was measured of encoders swings, of all layers and apart.
        let layers = LAYERS.map(|layer| {
            let swing = 920 + self.rng.u64(..160);
            LayerFigures { bitrates: layer.bitrates.map(|rate| rate * swing / 1000), ..layer }
        });
        let asked = [sound(0), picture(1, &layers)];
        let plan = self.allocator.plan(self.now, estimated(Some(estimate as u64)), &asked);
        let (before, chosen) = (self.changes.last(), plan.allotted[1].choice.unwrap());
        if before.is_none_or(|(_, before)| *before != chosen) {
            self.changes.push((self.now - self.began, chosen));
        }
        let is_up = chosen.layer > self.sent.layer;
        self.waiting = is_up.then(|| self.waiting.unwrap_or((self.now + KEY_FRAME, chosen)));
        if !is_up {
            self.sent = chosen;
        }
        self.estimator.desire(self.now, plan.desired);
        self.plan = plan;
        self.next_plan = self.now + Duration::from_millis(self.rng.u64(100..1_000));
    }

    fn send(&mut self, ceiling: f64) {
        if let Some((_, chosen)) = self.waiting.take_if(|(at, _)| *at <= self.now) {
            self.sent = chosen;
        }
        let picture = LAYERS[usize::from(self.sent.layer)];
        let picture = picture.bitrates[usize::from(self.sent.temporal).min(2)] as f64;
        let media = 32_000.0 + picture * (0.9 + 0.2 * self.rng.f64());
        let padded = (self.plan.minimum as f64).min(self.estimator.estimate).max(media);
        self.carried.0 += media.min(ceiling) * TICK.as_secs_f64();
        self.carried.1 += TICK.as_secs_f64();
        self.estimator.tick(self.now, ceiling, padded, &mut self.rng);
    }

    fn changes_since(&self, since: Duration) -> Vec<(Duration, Choice)> {
        self.changes.iter().filter(|(at, _)| *at >= since).copied().collect()
    }

    /// The share of a ceiling that was used since this was called last.
    fn share_of(&mut self, ceiling: f64) -> f64 {
        let (bits, seconds) = std::mem::take(&mut self.carried);
        bits / seconds / ceiling
    }
}

/// Below a ceiling: settles within ten seconds at a choice, and stays there for a minute.
fn settles(ceiling: f64, choice: Choice, used: f64) {
    for seed in SEEDS {
        let mut session = Session::new(seed);
        session.run(10, ceiling);
        session.share_of(ceiling);
        session.run(60, ceiling);
        let share = session.share_of(ceiling);
        let changes = session.changes_since(Duration::from_secs(10));
        assert!(changes.len() <= A_FEW, "seed {seed}: {:?}", session.changes);
        assert!(share >= used, "seed {seed}: {share}; {:?}", session.changes);
        assert_eq!(session.plan.allotted[1].choice, Some(choice), "{seed}: {:?}", session.changes);
    }
}

#[test]
fn below_500_kbit_s_the_middle_layer_is_sent_at_half_its_frame_rate() {
    settles(500_000.0, half(1), 0.70);
}

#[test]
fn below_1_mbit_s_the_whole_middle_layer_is_sent() {
    // Nothing lies between 632 kbit/s and half of the top layer, 1.5 Mbit/s.
    settles(1_000_000.0, whole(1), 0.60);
}

#[test]
fn below_3_mbit_s_the_top_is_sent() {
    settles(3_000_000.0, whole(2), 0.80);
}

#[test]
fn just_below_what_a_step_needs_quality_does_not_swing() {
    for ceiling in [420_000.0, 600_000.0, 640_000.0, 700_000.0, 1_700_000.0, 2_600_000.0] {
        for seed in SEEDS {
            let mut session = Session::new(seed);
            session.run(70, ceiling);
            let changes = session.changes_since(Duration::from_secs(10));
            let shown = &session.changes;
            assert!(changes.len() <= 3 * A_FEW, "{ceiling}, seed {seed}: {shown:?}");
        }
    }
}

#[test]
fn a_network_that_falls_and_comes_back_is_followed() {
    for seed in SEEDS {
        let mut session = Session::new(seed);
        session.run(20, 3_000_000.0);
        assert_eq!(session.sent, whole(2), "seed {seed}: {:?}", session.changes);
        session.run(1, 500_000.0);
        assert!(session.sent.layer < 2, "seed {seed}: {:?}", session.changes);
        session.run(14, 500_000.0);
        session.run(12, 3_000_000.0);
        assert_eq!(session.sent, whole(2), "seed {seed}: {:?}", session.changes);
    }
}

const SEEDS: std::ops::Range<u64> = 0..100;
const TICK: Duration = Duration::from_millis(50);

/// How long a key frame is waited for when a switch up asks for one.
const KEY_FRAME: Duration = Duration::from_millis(400);

/// Changes in a minute.
const A_FEW: usize = 4;
