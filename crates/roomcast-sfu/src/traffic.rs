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
    /// The way that str0m chose for media last.
    pub way: Option<Way>,
    /// Whether str0m would choose the same again.
    pub is_way_sure: bool,
}

/// From which address to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub to: SocketAddr,
    pub from: IpAddr,
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
        // A check may choose another way.
        self.is_way_sure &= !is_stun(contents);
    }

    /// The way that str0m would choose for media.
    pub(crate) fn sure_way(&self) -> Option<Way> {
        self.way.filter(|_| self.is_way_sure)
    }

    fn sent(&mut self, bytes: usize) {
        self.packets_out += 1;
        self.bytes_out += bytes as u64;
    }
}

impl<S: Transmits> Transmits for Counted<'_, S> {
    fn push(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]) {
        self.traffic.sent(contents.len());
        // Answers to checks go wherever those came from.
        if !is_stun(contents) {
            self.traffic.way = Some(Way { to: destination, from: source });
            self.traffic.is_way_sure = true;
        }
        self.sink.push(destination, source, contents);
    }

    fn write(
        &mut self,
        destination: SocketAddr,
        source: IpAddr,
        bytes: usize,
        fill: impl FnOnce(&mut Vec<u8>) -> bool,
    ) {
        self.traffic.sent(bytes);
        self.sink.write(destination, source, bytes, fill);
    }
}

/// RFC 7983 §7.
fn is_stun(contents: &[u8]) -> bool {
    contents.first().is_none_or(|first| *first <= 3)
}
