//! How much came from a peer and was sent to it.

use std::net::{IpAddr, SocketAddr};

use crate::transmit::Transmits;

/// Datagrams and their bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Traffic {
    pub packets_in: u64,
    pub bytes_in: u64,
    pub packets_out: u64,
    pub bytes_out: u64,
    /// Where media was sent last.
    pub sent_to: Option<SocketAddr>,
}

/// A sink that counts what passes.
pub(crate) struct Counted<'a, S> {
    pub sink: &'a mut S,
    pub traffic: &'a mut Traffic,
}

impl Traffic {
    pub(crate) fn received(&mut self, contents: &[u8]) {
        self.packets_in += 1;
        self.bytes_in += contents.len() as u64;
    }
}

impl<S: Transmits> Transmits for Counted<'_, S> {
    fn push(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]) {
        self.traffic.packets_out += 1;
        self.traffic.bytes_out += contents.len() as u64;
        // Answers to checks go wherever those came from (RFC 7983 §7: STUN begins with 0 to 3).
        if contents.first().is_some_and(|first| *first > 3) {
            self.traffic.sent_to = Some(destination);
        }
        self.sink.push(destination, source, contents);
    }
}
