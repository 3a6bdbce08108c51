//! What one direction of a link is like, and the words for it.

use std::time::Duration;

use thiserror::Error;

/// One direction of a link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// Bits of packets a second, IP headers included. `None`: as fast as they come.
    pub rate: Option<u64>,
    /// How much may wait while the rate is used up. What comes when it is full is dropped.
    pub queue: Queue,
    /// Time on the way, after the queue.
    pub delay: Duration,
    /// Added to the delay: evenly spread from nothing to this. It changes no order.
    pub jitter: Duration,
    /// Share of packets that are lost after the queue, 0 to 1, each by itself.
    pub loss: f64,
    /// Share of packets that are held back, 0 to 1, so that later ones overtake them.
    pub reorder: f64,
}

/// The bound of what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// So many bytes of packets.
    Bytes(u64),
    /// As much as the rate carries in this time.
    Time(Duration),
}

/// What was wrong with a word.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Not of the form `key=value`, or no key of ours.
    #[error("`{0}` is not one of rate=, queue=, delay=, jitter=, loss=, reorder=")]
    Key(String),
    /// The value does not fit its key, or is out of range.
    #[error("the value of `{0}` is not understood")]
    Value(String),
    /// No command of ours.
    #[error("`{0}` is not one of set, counts")]
    Command(String),
    /// Neither a direction nor both of them.
    #[error("`{0}` is not one of down, up, both")]
    Direction(String),
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            rate: None,
            queue: Queue::Time(Duration::from_millis(200)),
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0.0,
            reorder: 0.0,
        }
    }
}

impl Conditions {
    /// The bytes that may wait; `None` where nothing ever waits.
    pub(crate) fn room(&self) -> Option<u64> {
        let rate = self.rate?;
        Some(match self.queue {
            Queue::Bytes(bytes) => bytes,
            Queue::Time(time) => {
                let bits = u128::from(rate) * time.as_micros() / MICROS_PER_SECOND;
                u64::try_from(bits / 8).unwrap_or(u64::MAX)
            }
        })
    }

    /// These conditions, changed by words such as `rate=500k queue=200ms delay=25ms loss=5%`. What is
    /// not named stays.
    ///
    /// # Errors
    /// The first word that is not understood.
    pub fn changed<'a>(self, words: impl Iterator<Item = &'a str>) -> Result<Self, Fault> {
        words.into_iter().try_fold(self, |mut conditions, word| {
            let (key, value) = word.split_once('=').ok_or_else(|| Fault::Key(word.into()))?;
            let fault = || Fault::Value(word.into());
            match key {
                "rate" => conditions.rate = rate(value).ok_or_else(fault)?,
                "queue" => conditions.queue = queue(value).ok_or_else(fault)?,
                "delay" => conditions.delay = time(value).ok_or_else(fault)?,
                "jitter" => conditions.jitter = time(value).ok_or_else(fault)?,
                "loss" => conditions.loss = share(value).ok_or_else(fault)?,
                "reorder" => conditions.reorder = share(value).ok_or_else(fault)?,
                _ => return Err(Fault::Key(word.into())),
            }
            Ok(conditions)
        })
    }
}

/// `none`, or bits a second: `500000`, `500k`, `2.5M`.
fn rate(value: &str) -> Option<Option<u64>> {
    if value == "none" {
        return Some(None);
    }
    let (digits, unit) = match value.strip_suffix('k') {
        Some(digits) => (digits, 1e3),
        None => value.strip_suffix('M').map_or((value, 1.0), |digits| (digits, 1e6)),
    };
    let rate = digits.parse::<f64>().ok()? * unit;
    // A rate of nothing would hold packets for ever; above, no time would pass.
    (1e3..=1e10).contains(&rate).then_some(Some(rate as u64))
}

/// `200ms`, or bytes: `64000`.
fn queue(value: &str) -> Option<Queue> {
    time(value).map(Queue::Time).or_else(|| Some(Queue::Bytes(value.parse().ok()?)))
}

/// `25ms`.
fn time(value: &str) -> Option<Duration> {
    let milliseconds = value.strip_suffix("ms")?.parse::<f64>().ok()?;
    let range = 0.0..=LONGEST_MILLISECONDS;
    range.contains(&milliseconds).then(|| Duration::from_secs_f64(milliseconds / 1e3))
}

/// `5%`.
fn share(value: &str) -> Option<f64> {
    let percent = value.strip_suffix('%')?.parse::<f64>().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

const MICROS_PER_SECOND: u128 = 1_000_000;
/// A minute: longer than anything waits that still wants to be tested.
const LONGEST_MILLISECONDS: f64 = 60_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(words: &str) -> Result<Conditions, Fault> {
        Conditions::default().changed(words.split_whitespace())
    }

    #[test]
    fn words_change_what_they_name_and_nothing_else() {
        let first = changed("rate=2.5M queue=64000 delay=25ms jitter=4.5ms").unwrap();
        assert_eq!(first.rate, Some(2_500_000));
        assert_eq!(first.queue, Queue::Bytes(64_000));
        assert_eq!(first.delay, Duration::from_millis(25));
        assert_eq!(first.jitter, Duration::from_micros(4_500));
        let second = first.changed("rate=500k loss=5% reorder=0.5%".split(' ')).unwrap();
        let expected = Conditions { rate: Some(500_000), loss: 0.05, reorder: 0.005, ..first };
        assert_eq!(second, expected);
        assert_eq!(second.changed(["rate=none"].into_iter()).unwrap().rate, None);
    }

    #[test]
    fn a_word_that_is_not_understood_is_named() {
        for word in ["rate=", "rate=0", "rate=-1", "rate=NaN", "delay=25", "loss=5", "loss=101%"] {
            assert_eq!(changed(word), Err(Fault::Value(word.into())));
        }
        assert_eq!(changed("speed=5"), Err(Fault::Key("speed=5".into())));
        assert_eq!(changed("rate"), Err(Fault::Key("rate".into())));
    }

    #[test]
    fn a_queue_in_time_is_as_long_as_the_rate_makes_it() {
        assert_eq!(changed("rate=1M queue=200ms").unwrap().room(), Some(25_000));
        assert_eq!(changed("rate=1M queue=9000").unwrap().room(), Some(9_000));
        assert_eq!(changed("queue=200ms").unwrap().room(), None);
    }
}
