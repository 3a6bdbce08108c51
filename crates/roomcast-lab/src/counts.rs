//! What became of the packets.

use std::fmt;

/// Packets and their bytes, IP headers included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub packets: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// What became of the packets that went into one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that came.
    pub entered: Count,
    /// What came out.
    pub passed: Count,
    /// Dropped since the queue was full.
    pub overflowed: Count,
    /// Dropped by chance.
    pub lost: Count,
    /// Still inside.
    pub inside: Count,
}

impl Count {
    pub(crate) fn add(&mut self, packet: &[u8]) {
        self.packets += 1;
        self.bytes += packet.len() as u64;
    }

    pub(crate) fn remove(&mut self, packet: &[u8]) {
        self.packets = self.packets.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(packet.len() as u64);
    }
}

/// As JSON.
impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, r#"{{"packets":{},"bytes":{}}}"#, self.packets, self.bytes)
    }
}

/// As JSON.
impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entered, passed, overflowed, lost, inside } = self;
        write!(out, r#"{{"entered":{entered},"passed":{passed},"overflowed":{overflowed},"#)?;
        write!(out, r#""lost":{lost},"inside":{inside}}}"#)
    }
}
