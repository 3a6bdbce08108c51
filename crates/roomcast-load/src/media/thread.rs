//! A thread that serves many peers.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use mio::{Events, Poll, Token, Waker};
use roomcast_net::udp::{Outbox, RecvBatch};
use tokio::sync::oneshot;

use super::footage::Footage;
use super::identity::Identity;
use super::layers::{Layer, Settings};
use super::loss::Loss;
use super::outcome::{Outcome, Reached};
use super::peer::{Peer, Role, Workspace};
use super::publisher::Publisher;
use super::track::Tracks;
use super::viewer::Viewer;
use crate::histogram::Histogram;

/// What every thread of a run shares.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// The address of this machine to send from.
    pub(crate) ip: IpAddr,
    pub(crate) settings: Settings,
    /// What is sent in place of a synthetic picture.
    pub(crate) footage: Option<Arc<Footage>>,
    pub(crate) identity: Identity,
    /// Whether peers tell each other when packets arrive, by transport-wide numbers.
    pub(crate) feedback: bool,
    /// Of the datagrams that come to a viewer, so many percent are dropped.
    pub(crate) loss: f64,
    /// Of the dice that choose them; each thread has its own.
    pub(crate) seed: u64,
    pub(crate) tracks: Arc<Tracks>,
    pub(crate) reached: Arc<Reached>,
    /// The moment from which stamps count.
    pub(crate) start: Instant,
}

/// A thread, as the signaling sees it. Clones reach the same thread.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    commands: Sender<Command>,
    waker: Arc<Waker>,
}

/// A publisher's offer.
#[derive(Debug)]
pub(crate) struct Offered {
    pub(crate) sdp: String,
    pub(crate) video_mid: String,
    pub(crate) audio_mid: String,
    /// The layers of the picture.
    pub(crate) layers: Vec<Layer>,
}

type Reply<T> = oneshot::Sender<anyhow::Result<T>>;

enum Command {
    Publish { publisher: u8, reply: Reply<Offered> },
    Watch { viewer: usize, joined: Instant, publisher: u8, reply: Reply<String> },
    TakeAnswer { slot: usize, sdp: String, reply: Reply<()> },
    WantLayers { publisher: u8, rids: Vec<String> },
    Answer { viewer: usize, joined: Instant, sdp: String, fresh: bool, reply: Reply<String> },
    Stop,
}

impl Handle {
    /// Makes the offer of a publisher.
    pub(crate) async fn publish(&self, publisher: u8) -> anyhow::Result<Offered> {
        self.ask(|reply| Command::Publish { publisher, reply }).await
    }

    /// Makes the offer of a viewer of one publisher, who is known to this thread by a number of its own.
    pub(crate) async fn watch(
        &self,
        viewer: usize,
        joined: Instant,
        publisher: u8,
    ) -> anyhow::Result<String> {
        self.ask(|reply| Command::Watch { viewer, joined, publisher, reply }).await
    }

    /// Takes the node's answer to an offer of a publisher or viewer.
    pub(crate) async fn take_answer(&self, slot: usize, sdp: String) -> anyhow::Result<()> {
        self.ask(|reply| Command::TakeAnswer { slot, sdp, reply }).await
    }

    /// Sends these layers of the picture only.
    pub(crate) fn want_layers(&self, publisher: u8, rids: Vec<String>) {
        // A thread that is gone sends none.
        let _ = self.commands.send(Command::WantLayers { publisher, rids });
        let _ = self.waker.wake();
    }

    /// Answers the node's offer to a viewer, who is known to this thread by a number of its own.
    /// A fresh one opens a new connection in place of an earlier one.
    pub(crate) async fn answer(
        &self,
        viewer: usize,
        joined: Instant,
        sdp: String,
        fresh: bool,
    ) -> anyhow::Result<String> {
        self.ask(|reply| Command::Answer { viewer, joined, sdp, fresh, reply }).await
    }

    /// Ends the thread.
    pub(crate) fn stop(&self) {
        // A thread that is gone needs no stopping.
        let _ = self.commands.send(Command::Stop);
        let _ = self.waker.wake();
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> anyhow::Result<T> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).map_err(|_| anyhow!("the media thread is gone"))?;
        self.waker.wake()?;
        answer.await.context("the media thread is gone")?
    }
}

/// Starts a thread.
pub(crate) fn start(
    name: &str,
    shared: Shared,
) -> anyhow::Result<(Handle, JoinHandle<anyhow::Result<Outcome>>)> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
    let (sender, commands) = channel();
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let work = Workspace {
            outbox: Outbox::new(),
            latency: Histogram::new(),
            unsent: 0,
            dropped: 0,
            measured: 0,
            reached: shared.reached.clone(),
        };
        Thread { shared, poll, commands, peers: Vec::new(), due: Vec::new(), work, stopped: false }
            .run()
    })?;
    Ok((Handle { commands: sender, waker }, thread))
}

const WAKER: Token = Token(usize::MAX);

/// The longest sleep of a thread that has nothing to do.
const IDLE: Duration = Duration::from_secs(1);

/// Events taken in one go.
const EVENTS: usize = 1_024;

struct Thread {
    shared: Shared,
    poll: Poll,
    commands: Receiver<Command>,
    /// By the number of the publisher or viewer, which is the token of its socket as well.
    peers: Vec<Option<Peer>>,
    /// When each of them has something to do: side by side, since all are looked at after each sleep.
    due: Vec<Option<Instant>>,
    work: Workspace,
    stopped: bool,
}

impl Thread {
    fn run(mut self) -> anyhow::Result<Outcome> {
        let mut events = Events::with_capacity(EVENTS);
        let mut batch = RecvBatch::new();
        while !self.stopped {
            let timeout = self.handle_timeouts(Instant::now());
            if let Err(error) = self.poll.poll(&mut events, Some(timeout))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                return Err(error.into());
            }
            for event in &events {
                if event.token() == WAKER {
                    while let Ok(command) = self.commands.try_recv() {
                        self.command(command);
                    }
                    // Any of them may have something else to do now.
                    self.due = self.peers.iter().map(|p| p.as_ref().map(Peer::deadline)).collect();
                } else {
                    self.receive(event.token().0, &mut batch);
                }
            }
        }
        let (mut viewers, mut asked) = (Vec::new(), Vec::new());
        for peer in self.peers.into_iter().flatten() {
            match peer.role {
                Role::Viewer(viewer) => viewers.push(viewer.into_joined()),
                Role::Publisher(publisher) => asked.push(publisher.into_asked()),
                Role::None => {}
            }
        }
        let Workspace { latency, unsent, dropped, .. } = self.work;
        Ok(Outcome { viewers, asked, latency, unsent, dropped })
    }

    fn receive(&mut self, slot: usize, batch: &mut RecvBatch) {
        if let (Some(Some(peer)), Some(due)) = (self.peers.get_mut(slot), self.due.get_mut(slot)) {
            peer.receive(batch, &mut self.work);
            *due = Some(peer.deadline());
        }
    }

    /// Does what is due and returns how long nothing will be.
    fn handle_timeouts(&mut self, now: Instant) -> Duration {
        let mut next = now + IDLE;
        for (due, peer) in self.due.iter_mut().zip(&mut self.peers) {
            if let Some(peer) = peer.as_mut().filter(|_| due.is_some_and(|due| due <= now)) {
                peer.handle_timeout(now, &mut self.work);
                *due = Some(peer.deadline());
            }
            next = due.map_or(next, |due| next.min(due));
        }
        next.saturating_duration_since(Instant::now())
    }

    fn command(&mut self, command: Command) {
        // Whoever asked may have given up; then nobody needs the answer.
        match command {
            Command::Publish { publisher, reply } => {
                let _ = reply.send(self.publish(publisher));
            }
            Command::Watch { viewer, joined, publisher, reply } => {
                let _ = reply.send(self.watch(viewer, joined, publisher.into()));
            }
            Command::TakeAnswer { slot, sdp, reply } => {
                let work = &mut self.work;
                let peer = self.peers.get_mut(slot).and_then(Option::as_mut);
                let peer = peer.ok_or_else(|| anyhow!("there is no such peer"));
                let _ = reply.send(peer.and_then(|peer| peer.take_answer(&sdp, work)));
            }
            Command::WantLayers { publisher, rids } => {
                let peer = self.peers.get_mut(usize::from(publisher)).and_then(Option::as_mut);
                if let Some(Role::Publisher(publisher)) = peer.map(|peer| &mut peer.role) {
                    publisher.want_layers(&rids, Instant::now());
                }
            }
            Command::Answer { viewer, joined, sdp, fresh, reply } => {
                let _ = reply.send(self.answer(viewer, joined, &sdp, fresh));
            }
            Command::Stop => self.stopped = true,
        }
    }

    fn publish(&mut self, publisher: u8) -> anyhow::Result<Offered> {
        let slot = usize::from(publisher);
        let mut peer = self.new_peer(slot, Loss::none())?;
        let settings = &self.shared.settings;
        let (sdp, mids) = peer.offer_to_send(settings.codec, settings.offered(), &mut self.work)?;
        let made = Publisher::new(publisher, &self.shared, mids);
        peer.role = Role::Publisher(Box::new(made));
        let layers = settings.layers();
        self.put(slot, peer);
        let (video_mid, audio_mid) = (mids.0.to_string(), mids.1.to_string());
        Ok(Offered { sdp, video_mid, audio_mid, layers })
    }

    fn watch(&mut self, slot: usize, joined: Instant, publisher: usize) -> anyhow::Result<String> {
        let mut peer = self.new_peer(slot, self.loss(slot))?;
        let sdp = peer.offer_to_receive(self.shared.settings.codec, &mut self.work)?;
        let of = publisher..publisher + 1;
        peer.role = Role::Viewer(Box::new(Viewer::new(&self.shared, joined, of)));
        self.put(slot, peer);
        Ok(sdp)
    }

    fn answer(
        &mut self,
        slot: usize,
        joined: Instant,
        sdp: &str,
        fresh: bool,
    ) -> anyhow::Result<String> {
        let exists = matches!(self.peers.get(slot), Some(Some(_)));
        if fresh || !exists {
            let old = self.peers.get_mut(slot).and_then(Option::take);
            let mut peer = self.new_peer(slot, self.loss(slot))?;
            peer.role = match old {
                // What it saw until now stays with the viewer.
                Some(mut old) => {
                    old.close(self.poll.registry())?;
                    old.role
                }
                None => {
                    let all = 0..self.shared.tracks.publishers();
                    Role::Viewer(Box::new(Viewer::new(&self.shared, joined, all)))
                }
            };
            self.put(slot, peer);
        }
        let work = &mut self.work;
        let peer = self.peers.get_mut(slot).and_then(Option::as_mut);
        peer.ok_or_else(|| anyhow!("there is no such viewer"))?.answer(sdp, work)
    }

    fn new_peer(&self, slot: usize, loss: Loss) -> anyhow::Result<Peer> {
        Peer::new(&self.shared, self.poll.registry(), Token(slot), loss)
    }

    fn loss(&self, slot: usize) -> Loss {
        Loss::new(self.shared.loss, self.shared.seed, slot)
    }

    fn put(&mut self, slot: usize, peer: Peer) {
        if slot >= self.peers.len() {
            self.peers.resize_with(slot + 1, || None);
        }
        if let Some(place) = self.peers.get_mut(slot) {
            *place = Some(peer);
        }
    }
}
