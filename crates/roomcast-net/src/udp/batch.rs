//! What one receive call brings in.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta};

use crate::address::{canonical, canonical_ip};

/// Buffers for one receive call, used again for each. A thread needs one of them: 2 MiB of
/// addresses, of which only what was ever written to takes up memory.
pub struct RecvBatch {
    /// [`BATCH_SIZE`] slots of [`SLOT_BYTES`].
    slots: Box<[u8]>,
    metas: [RecvMeta; BATCH_SIZE],
    filled: usize,
}

/// One datagram that came in.
#[derive(Debug)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub source: SocketAddr,
    /// The address of this machine to which it was sent, where the platform tells.
    pub destination_ip: Option<IpAddr>,
    /// What it holds; may be decrypted in place.
    pub contents: &'a mut [u8],
}

impl RecvBatch {
    /// Empty buffers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: vec![0; BATCH_SIZE * SLOT_BYTES].into_boxed_slice(),
            metas: [RecvMeta::default(); BATCH_SIZE],
            filled: 0,
        }
    }

    /// The datagrams of the last [`super::Socket::recv`], in the order in which they came.
    pub fn datagrams(&mut self) -> impl Iterator<Item = Datagram<'_>> {
        let slots = self.slots.chunks_exact_mut(SLOT_BYTES);
        slots.zip(&self.metas[..self.filled]).flat_map(|(slot, meta)| {
            let source = canonical(meta.addr);
            let destination_ip = meta.dst_ip.map(canonical_ip);
            // An empty datagram has a stride of 0; it has no chunks and is dropped here.
            slot[..meta.len.min(SLOT_BYTES)]
                .chunks_mut(meta.stride.max(1))
                .map(move |contents| Datagram { source, destination_ip, contents })
        })
    }

    /// Whether more may wait than the last [`super::Socket::recv`] brought. On Linux a call that could
    /// have brought more has emptied the socket, and what comes afterwards is reported anew (epoll(7) on
    /// edges); elsewhere only a call that brings nothing says so. Asking once less is a tenth of what a
    /// datagram costs that comes alone.
    #[must_use]
    pub fn may_leave_more(&self) -> bool {
        !cfg!(target_os = "linux") || self.filled == BATCH_SIZE
    }

    /// Fills the slots by `receive` and returns how many datagrams came.
    pub(super) fn fill(
        &mut self,
        receive: impl FnOnce(&mut [IoSliceMut<'_>], &mut [RecvMeta]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.filled = 0;
        let mut rest = &mut self.slots[..];
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] = std::array::from_fn(|_| {
            let (slot, behind) = std::mem::take(&mut rest).split_at_mut(SLOT_BYTES);
            rest = behind;
            IoSliceMut::new(slot)
        });
        self.filled = receive(&mut slices, &mut self.metas)?.min(BATCH_SIZE);
        // Empty ones count too: 0 means that nothing was read.
        let count = |meta: &RecvMeta| meta.len.div_ceil(meta.stride.max(1)).max(1);
        Ok(self.metas[..self.filled].iter().map(count).sum())
    }
}

impl Default for RecvBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for RecvBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecvBatch").field("filled", &self.filled).finish_non_exhaustive()
    }
}

/// The most that GRO puts into one slot, and the most that a datagram can hold.
const SLOT_BYTES: usize = 64 * 1024;
