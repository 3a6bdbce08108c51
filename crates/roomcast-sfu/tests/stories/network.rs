//! Datagrams on their way: latency, jitter (and with it reordering), loss, duplication, by a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A link that carries so much, before which datagrams queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// Bits per second, with IP and UDP headers.
    pub rate: f64,
    /// The longest that a datagram waits; what would wait longer is lost.
    pub queue: Duration,
    pub lost: u64,
    /// Bits carried.
    pub carried: f64,
    free_at: Option<Instant>,
}

impl Link {
    pub(crate) fn of(rate: u64) -> Self {
        let queue = Duration::from_millis(300);
        Self { rate: rate as f64, queue, lost: 0, carried: 0.0, free_at: None }
    }

    /// When so many bytes are through; `None`: they are lost.
    fn pass(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        let begins = self.free_at.map_or(now, |at| at.max(now));
        if begins - now > self.queue {
            self.lost += 1;
            return None;
        }
        let bits = (bytes + IP_AND_UDP) as f64 * 8.0;
        self.carried += bits;
        let through = begins + Duration::from_secs_f64(bits / self.rate);
        self.free_at = Some(through);
        Some(through)
    }
}

const IP_AND_UDP: usize = 28;

/// What a direction does to a datagram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions {
    pub latency: Duration,
    pub jitter: Duration,
    /// 0 to 1.
    pub loss: f64,
    pub duplicates: f64,
}

impl Conditions {
    pub(crate) const GOOD: Self = Self {
        latency: Duration::from_millis(10),
        jitter: Duration::ZERO,
        loss: 0.0,
        duplicates: 0.0,
    };

    pub(crate) fn lossy(loss: f64) -> Self {
        Self { jitter: Duration::from_millis(8), loss, ..Self::GOOD }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Datagram {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub contents: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Network {
    /// From browsers to shards.
    pub up: Conditions,
    /// From shards to browsers.
    pub down: Conditions,
    /// The browser for which these hold, if not for all.
    pub only: Option<SocketAddr>,
    /// The links to browsers that have a narrow one.
    pub links: BTreeMap<SocketAddr, Link>,
    /// Addresses of browsers that nothing reaches.
    pub deaf: BTreeSet<SocketAddr>,
    /// Addresses of browsers from which nothing arrives.
    pub dumb: BTreeSet<SocketAddr>,
    /// Addresses of peers whose checks do not arrive: they make none any more.
    pub checkless: BTreeSet<SocketAddr>,
    /// Everything that was sent to shards, while it is being recorded.
    pub recorded: Option<Vec<Datagram>>,
    on_the_way: BTreeMap<(Instant, u64), (bool, Datagram)>,
    sent: u64,
    rng: fastrand::Rng,
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            up: Conditions::GOOD,
            down: Conditions::GOOD,
            only: None,
            links: BTreeMap::new(),
            deaf: BTreeSet::new(),
            dumb: BTreeSet::new(),
            checkless: BTreeSet::new(),
            recorded: None,
            on_the_way: BTreeMap::new(),
            sent: 0,
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    pub(crate) fn send_up(&mut self, now: Instant, datagram: Datagram) {
        if let Some(recorded) = &mut self.recorded {
            recorded.push(datagram.clone());
        }
        // RFC 7983: STUN begins with 0 to 3.
        let is_stun = datagram.contents.first().is_some_and(|first| *first < 4);
        let is_check = is_stun && self.checkless.contains(&datagram.source);
        if !self.dumb.contains(&datagram.source) && !is_check {
            let conditions = self.conditions(self.up, datagram.source);
            self.send(now, true, conditions, datagram);
        }
    }

    pub(crate) fn send_down(&mut self, now: Instant, datagram: Datagram) {
        if self.deaf.contains(&datagram.destination) {
            return;
        }
        let conditions = self.conditions(self.down, datagram.destination);
        let link = self.links.get_mut(&datagram.destination);
        let through = link.map_or(Some(now), |link| link.pass(now, datagram.contents.len()));
        if let Some(through) = through {
            self.send(through, false, conditions, datagram);
        }
    }

    fn conditions(&self, conditions: Conditions, browser: SocketAddr) -> Conditions {
        let is_meant = self.only.is_none_or(|only| only == browser);
        if is_meant { conditions } else { Conditions::GOOD }
    }

    fn send(&mut self, now: Instant, is_up: bool, conditions: Conditions, datagram: Datagram) {
        if self.rng.f64() < conditions.duplicates {
            self.enqueue(now, is_up, conditions, datagram.clone());
        }
        if self.rng.f64() >= conditions.loss {
            self.enqueue(now, is_up, conditions, datagram);
        }
    }

    fn enqueue(&mut self, now: Instant, is_up: bool, conditions: Conditions, datagram: Datagram) {
        let jitter = conditions.jitter.mul_f64(self.rng.f64());
        let at = now + conditions.latency + jitter;
        self.sent += 1;
        self.on_the_way.insert((at, self.sent), (is_up, datagram));
    }

    pub(crate) fn is_under_way_to(&self, browser: SocketAddr) -> bool {
        self.on_the_way.values().any(|(_, datagram)| datagram.destination == browser)
    }

    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.on_the_way.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next datagram that has arrived, and whether it goes to a shard.
    pub(crate) fn arrived(&mut self, now: Instant) -> Option<(bool, Datagram)> {
        if self.next_at()? > now {
            return None;
        }
        self.on_the_way.pop_first().map(|(_, datagram)| datagram)
    }
}
