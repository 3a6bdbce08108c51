//! How values reach a shard's thread: two bounded queues and a bell.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use mio::{Registry, Token, Waker};
use roomcast_sfu::{Command, ShardId, ShardMessage};

use crate::relay::{Arrival, Landed, Parcel};
use crate::report::Asked;

/// What a shard's thread can be sent.
#[derive(Debug)]
pub(crate) enum Letter {
    Command(Command),
    Message {
        from: ShardId,
        message: ShardMessage,
    },
    /// Datagrams to relayed addresses of this shard.
    Relayed(Parcel),
    /// A client of the relay has connected.
    Arrived(Box<Arrival>),
    /// A client's datagram that landed at another shard than its reserved port is on.
    Landed(Box<Landed>),
    /// A participant left.
    Revoke(Arc<str>),
    /// Someone asks how sessions fare.
    Asked(Asked),
}

impl Letter {
    /// Whether it is worth nothing after a second.
    fn is_media(&self) -> bool {
        match self {
            Self::Message { message, .. } => message.is_media(),
            Self::Relayed(_) | Self::Landed(_) => true,
            Self::Command(_) | Self::Arrived(_) | Self::Revoke(_) | Self::Asked(_) => false,
        }
    }
}

/// The sending side. Shared by the other shards and the control plane.
#[derive(Debug)]
pub(crate) struct Mailbox {
    control: SyncSender<Letter>,
    media: SyncSender<Letter>,
    bell: Waker,
    /// Whether the thread is about to wait: only then does the bell cost a system call.
    sleeping: AtomicBool,
}

/// The receiving side.
#[derive(Debug)]
pub(crate) struct Letters {
    control: Receiver<Letter>,
    media: Receiver<Letter>,
}

/// The queue is full: what was to be sent is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// Makes a mailbox whose bell wakes the poll of `registry` with `token`.
///
/// # Errors
/// When the system has no more file descriptors.
pub(crate) fn mailbox(registry: &Registry, token: Token) -> io::Result<(Mailbox, Letters)> {
    let (control, control_letters) = sync_channel(CONTROL_LETTERS);
    let (media, media_letters) = sync_channel(MEDIA_LETTERS);
    let bell = Waker::new(registry, token)?;
    let mailbox = Mailbox { control, media, bell, sleeping: AtomicBool::new(false) };
    Ok((mailbox, Letters { control: control_letters, media: media_letters }))
}

impl Mailbox {
    /// Puts a letter in without ringing.
    pub(crate) fn put(&self, letter: Letter) -> Result<(), Full> {
        let queue = if letter.is_media() { &self.media } else { &self.control };
        queue.try_send(letter).map_err(|_| Full)
    }

    /// Rings, if the thread waits.
    pub(crate) fn ring(&self) {
        if self.sleeping.swap(false, Ordering::SeqCst)
            && let Err(error) = self.bell.wake()
        {
            tracing::error!(%error, "a shard cannot be woken");
        }
    }

    /// Says that the thread is about to wait, if nothing is in the mailbox after this.
    pub(crate) fn falling_asleep(&self) {
        self.sleeping.store(true, Ordering::SeqCst);
    }

    /// Says that the thread is awake.
    pub(crate) fn awake(&self) {
        self.sleeping.store(false, Ordering::SeqCst);
    }
}

impl Letters {
    /// The next letter, control before media: a command must not wait behind pictures.
    pub(crate) fn next(&self) -> Option<Letter> {
        match self.control.try_recv() {
            Ok(letter) => Some(letter),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => self.media.try_recv().ok(),
        }
    }
}

/// Commands and directory messages under way to one shard: ten thousand viewers of a room that
/// changes, several times over.
const CONTROL_LETTERS: usize = 65_536;

/// Batches of packets under way to one shard. At a batch a millisecond from each of a few shards this
/// is a second of media, after which it is worth nothing.
const MEDIA_LETTERS: usize = 4_096;
