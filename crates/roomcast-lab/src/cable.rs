//! Two links, there and back, and the words by which they are changed.

use std::str::SplitWhitespace;
use std::time::Duration;

use crate::{Conditions, Fault, Link};

/// One end of a cable. What goes in at one end comes out at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The node's: what goes in here goes *down*.
    Near,
    /// The guest's: what goes in here goes *up*.
    Far,
}

/// Both directions of a link.
#[derive(Debug)]
pub struct Cable {
    down: Link,
    up: Link,
}

impl Cable {
    /// A cable that nobody notices until it is changed.
    pub fn new(seed: u64) -> Self {
        let link = |seed| Link::new(Conditions::default(), seed);
        Self { down: link(seed), up: link(!seed) }
    }

    /// A packet goes in at an end.
    pub fn push(&mut self, now: Duration, at: End, packet: Vec<u8>) {
        match at {
            End::Near => self.down.push(now, packet),
            End::Far => self.up.push(now, packet),
        }
    }

    /// A packet that has come out by now at an end.
    pub fn pop(&mut self, now: Duration, at: End) -> Option<Vec<u8>> {
        match at {
            End::Near => self.up.pop(now),
            End::Far => self.down.pop(now),
        }
    }

    /// When something may come out, if nothing else happens.
    pub fn deadline(&self) -> Option<Duration> {
        self.down.deadline().into_iter().chain(self.up.deadline()).min()
    }

    /// Does what a line says, and answers in JSON: `set down|up|both key=value…` changes conditions
    /// from now on, `counts` says what became of the packets.
    pub fn told(&mut self, now: Duration, line: &str) -> String {
        match self.obey(now, line) {
            Ok(answer) => answer,
            // Debug of a string quotes it as JSON does, for the letters that faults are made of.
            Err(fault) => format!(r#"{{"error":{:?}}}"#, fault.to_string()),
        }
    }

    fn obey(&mut self, now: Duration, line: &str) -> Result<String, Fault> {
        let mut words = line.split_whitespace();
        match words.next().unwrap_or_default() {
            "set" => {
                let direction = words.next().unwrap_or_default();
                self.set(now, direction, &words)?;
                Ok(r#"{"set":true}"#.into())
            }
            "counts" => {
                Ok(format!(r#"{{"down":{},"up":{}}}"#, self.down.counts(), self.up.counts()))
            }
            other => Err(Fault::Command(other.into())),
        }
    }

    /// Nothing is changed when a word is not understood.
    fn set(
        &mut self,
        now: Duration,
        direction: &str,
        words: &SplitWhitespace<'_>,
    ) -> Result<(), Fault> {
        let links: Vec<&mut Link> = match direction {
            "down" => vec![&mut self.down],
            "up" => vec![&mut self.up],
            "both" => vec![&mut self.down, &mut self.up],
            other => return Err(Fault::Direction(other.into())),
        };
        for link in links {
            link.set(now, link.conditions().changed(words.clone())?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_has_its_own_conditions() {
        let mut cable = Cable::new(1);
        assert_eq!(cable.told(Duration::ZERO, "set down delay=30ms"), r#"{"set":true}"#);
        cable.push(Duration::ZERO, End::Near, vec![1]);
        cable.push(Duration::ZERO, End::Far, vec![2]);
        assert_eq!(cable.pop(Duration::ZERO, End::Near), Some(vec![2]));
        assert_eq!(cable.pop(Duration::ZERO, End::Far), None);
        assert_eq!(cable.deadline(), Some(Duration::from_millis(30)));
        assert_eq!(cable.pop(Duration::from_millis(30), End::Far), Some(vec![1]));
    }

    #[test]
    fn a_line_that_is_not_understood_changes_nothing() {
        let mut cable = Cable::new(1);
        for line in ["", "stop", "set", "set left loss=1%", "set both loss=1% delay=never"] {
            assert!(cable.told(Duration::ZERO, line).starts_with(r#"{"error":""#), "{line}");
        }
        assert_eq!(cable.down.conditions(), Conditions::default());
        assert_eq!(cable.up.conditions(), Conditions::default());
    }

    #[test]
    fn what_became_of_packets_is_told_as_json() {
        let mut cable = Cable::new(1);
        cable.told(Duration::ZERO, "set up loss=100%");
        cable.push(Duration::ZERO, End::Far, vec![0; 10]);
        let counts = cable.told(Duration::ZERO, "counts");
        assert!(counts.contains(r#""up":{"entered":{"packets":1,"bytes":10}"#), "{counts}");
        assert!(counts.contains(r#""lost":{"packets":1,"bytes":10}"#), "{counts}");
    }
}
