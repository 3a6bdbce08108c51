//! One connection: reads, limits and parses what a client says, and writes what its room says.
//!
//! It decides nothing about rooms. Whatever the client does or leaves undone, what waits for it is
//! bounded in number, bytes and time, and nobody but this task waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use roomcast_protocol::limits::MAX_MESSAGE_BYTES;
use roomcast_protocol::{ClientMessage, ErrorCode, Refusal, Request, ServerMessage};
use roomcast_room::{ConnectionId, Input};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval_at, timeout};

use super::Signaling;
use super::allowance::Allowance;
use super::bucket::Bucket;
use super::join::Wish;
use crate::connections::Visitor;
use crate::rooms::{Entry, Inbox, Mail, RoomMailbox, outbox};

/// Messages a second that a client may send: chat and ICE restarts need a few, a file that goes by
/// the node some twenty, candidates the rest.
const MESSAGES_PER_SECOND: u32 = 82;
/// Messages at once: a page that comes back says all it has to say, and makes its links.
const MESSAGES_BURST: u32 = 356;
/// Messages beyond the rate that are answered with an error; a client that goes on is closed.
const EXCESS_BURST: u32 = 100;
/// How long a connection may stay without having joined.
const JOIN_TIME_LIMIT: Duration = Duration::from_secs(10);
/// Proxies and NATs forget connections that are silent for half a minute.
const PING_INTERVAL: Duration = Duration::from_secs(15);
/// Three pings without a sign of life.
const SILENCE_LIMIT: Duration = Duration::from_secs(45);
/// How often the limits above are looked at: each of them is a multiple, so that none is late, and ten
/// thousand connections that say nothing wake no core.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How long one message may take to be written to a client that reads slowly.
const WRITE_TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long a closing connection may take over its last words.
const CLOSE_TIME_LIMIT: Duration = Duration::from_secs(1);

/// A connection and what it has been.
pub(super) struct Connection {
    socket: WebSocket,
    id: ConnectionId,
    visitor: Arc<Visitor>,
    /// Under which name and port the client reached the node.
    asked_host: Arc<str>,
    signaling: Signaling,
    room: Option<Place>,
    rate: Bucket,
    excess: Bucket,
    allowance: Allowance,
    heard: Instant,
}

/// The place in a room.
struct Place {
    mailbox: RoomMailbox,
    inbox: Inbox,
    overflow: watch::Receiver<bool>,
}

/// Why a connection ends.
enum End {
    /// It is broken or was closed by the client: there is no one to talk to.
    Gone,
    /// The room has said goodbye.
    ByRoom,
    /// The error was sent already.
    Refused,
    /// To be told.
    Goodbye(Refusal),
}

/// What can happen to a connection.
enum Happening {
    Read(Option<Result<Message, axum::Error>>),
    Write(Option<Utf8Bytes>),
    Overflow,
    Tick,
    GoingDown,
}

impl Connection {
    pub(super) fn new(
        socket: WebSocket,
        id: ConnectionId,
        visitor: Arc<Visitor>,
        asked_host: Arc<str>,
        signaling: Signaling,
    ) -> Self {
        let now = Instant::now();
        Self {
            socket,
            id,
            visitor,
            asked_host,
            signaling,
            room: None,
            rate: Bucket::new(MESSAGES_PER_SECOND, MESSAGES_BURST, now),
            excess: Bucket::new(1, EXCESS_BURST, now),
            allowance: Allowance::new(now),
            heard: now,
        }
    }

    /// Runs until the connection ends, and tells its room.
    pub(super) async fn run(mut self) {
        let open = self.signaling.metrics.signaling_connections.clone();
        open.inc();
        let Err(end) = self.talk().await;
        if let Some(place) = self.room.take() {
            let gone = Mail::Input(Input::Disconnected { connection: self.id });
            // A room that is over does not need to know.
            let _ = place.mailbox.send(gone).await;
        }
        let _ = timeout(CLOSE_TIME_LIMIT, self.take_leave(end)).await;
        open.dec();
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, End> {
        let since = Instant::now();
        let mut ticks = interval_at((since + CHECK_INTERVAL).into(), CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut pinged = since;
        let mut going_down = self.signaling.going_down.clone();
        loop {
            match self.next(&mut ticks, &mut going_down).await {
                Happening::Read(read) => self.read(read).await?,
                Happening::Write(Some(text)) => self.write(Message::Text(text)).await?,
                Happening::Write(None) if self.overflowed() => return Err(slow_reader()),
                Happening::Write(None) => return Err(End::ByRoom),
                Happening::Overflow => return Err(slow_reader()),
                Happening::GoingDown => return Err(End::Goodbye(shutting_down())),
                Happening::Tick => {
                    self.check_time(since)?;
                    if pinged.elapsed() >= PING_INTERVAL {
                        pinged = Instant::now();
                        self.write(Message::Ping(Vec::new().into())).await?;
                    }
                }
            }
        }
    }

    async fn next(
        &mut self,
        ticks: &mut tokio::time::Interval,
        going_down: &mut watch::Receiver<bool>,
    ) -> Happening {
        // Those who joined hear it from their room.
        let joined = self.room.is_some();
        tokio::select! {
            read = self.socket.recv() => Happening::Read(read),
            (text, overflow) = from_room(&mut self.room) => {
                if overflow { Happening::Overflow } else { Happening::Write(text) }
            }
            _ = ticks.tick() => Happening::Tick,
            _ = going_down.wait_for(|down| *down), if !joined => Happening::GoingDown,
        }
    }

    fn overflowed(&self) -> bool {
        self.room.as_ref().is_some_and(|place| *place.overflow.borrow())
    }

    fn check_time(&self, since: Instant) -> Result<(), End> {
        if self.room.is_none() && since.elapsed() >= JOIN_TIME_LIMIT {
            let message = format!("no `join` came within {} s", JOIN_TIME_LIMIT.as_secs());
            return Err(End::Goodbye(Refusal::new(ErrorCode::NotJoined, message)));
        }
        if self.heard.elapsed() >= SILENCE_LIMIT {
            return Err(End::Gone);
        }
        Ok(())
    }

    async fn read(&mut self, read: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let message = match read {
            None => return Err(End::Gone),
            Some(Err(error)) => return self.unreadable(error).await,
            Some(Ok(message)) => message,
        };
        self.heard = Instant::now();
        if !self.rate.take(self.heard) {
            return self.refuse_excess().await;
        }
        match message {
            Message::Text(text) => self.hear(&text).await,
            Message::Binary(_) => {
                let message = "messages are text frames; this was a binary one";
                Err(End::Goodbye(Refusal::new(ErrorCode::Malformed, message)))
            }
            Message::Close(_) => Err(End::Gone),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    async fn unreadable(&mut self, error: axum::Error) -> Result<(), End> {
        let inner = error.into_inner();
        match inner.downcast_ref::<tungstenite::Error>() {
            Some(tungstenite::Error::Capacity(_)) => {
                self.error(None, too_large()).await?;
                Err(End::Refused)
            }
            Some(tungstenite::Error::Utf8(_) | tungstenite::Error::Protocol(_)) => {
                let message = "what came is no WebSocket text";
                Err(End::Goodbye(Refusal::new(ErrorCode::Malformed, message)))
            }
            _ => Err(End::Gone),
        }
    }

    async fn refuse_excess(&mut self) -> Result<(), End> {
        let message = format!("more than {MESSAGES_PER_SECOND} messages a second; slow down");
        let refusal = Refusal::new(ErrorCode::RateLimited, message);
        if self.excess.take(self.heard) {
            self.error(None, refusal).await
        } else {
            Err(End::Goodbye(refusal))
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), End> {
        self.signaling.metrics.messages.inc();
        if text.len() > MAX_MESSAGE_BYTES {
            self.error(None, too_large()).await?;
            return Err(End::Refused);
        }
        match Request::parse(text) {
            Err((re, refusal)) => self.error(re, refusal).await,
            Ok(request) => self.request(request).await,
        }
    }

    async fn request(&mut self, request: Request) -> Result<(), End> {
        if self.room.is_none() {
            return self.join(request).await;
        }
        if matches!(request.message, ClientMessage::Join { .. }) {
            let message = "this connection has joined a room already";
            let refusal = Refusal::new(ErrorCode::AlreadyJoined, message);
            return self.error(request.id, refusal).await;
        }
        if let Err(refusal) = self.allowance.check(&request.message, self.heard) {
            return self.error(request.id, refusal).await;
        }
        let Some(place) = &self.room else { return Ok(()) };
        let mail = Mail::Input(Input::Request { connection: self.id, request });
        place.mailbox.send(mail).await.map_err(|_over| End::ByRoom)
    }

    async fn join(&mut self, request: Request) -> Result<(), End> {
        let entered = match Wish::check(request.message) {
            Ok(wish) => self.enter(wish, request.id).await,
            Err(refusal) => Err(refusal),
        };
        match entered {
            Ok(place) => {
                self.room = Some(place);
                Ok(())
            }
            Err(refusal) => self.error(request.id, refusal).await,
        }
    }

    async fn enter(&mut self, wish: Wish, re: Option<u32>) -> Result<Place, Refusal> {
        let prefix = self.visitor.prefix();
        let gate = &self.signaling.gate;
        let pass = gate.admit_page(&wish.room, wish.credentials, prefix).await?;
        let (outbox, inbox) = outbox();
        let entry = Entry {
            room: wish.room,
            name: pass.name(Some(wish.name.clone())).unwrap_or(wish.name),
            pass,
            open: wish.open,
            resume: wish.resume,
            links: wish.links,
            kind: wish.kind,
            asked_host: self.asked_host.clone(),
            re,
            connection: self.id,
            outbox,
            prefix,
        };
        let mailbox = self.signaling.directory.enter(entry).await?;
        let overflow = inbox.overflow();
        Ok(Place { mailbox, inbox, overflow })
    }

    async fn error(&mut self, re: Option<u32>, refusal: Refusal) -> Result<(), End> {
        self.signaling.metrics.refused(refusal.code);
        self.say(&ServerMessage::Error { re, refusal }).await
    }

    async fn say(&mut self, message: &ServerMessage) -> Result<(), End> {
        let text = serde_json::to_string(message).map_err(|_bug| End::Gone)?;
        self.write(Message::Text(text.into())).await
    }

    /// Writes, unless the client takes too long to read or its outbox overflows meanwhile.
    async fn write(&mut self, message: Message) -> Result<(), End> {
        let overflow = self.room.as_mut().map(|place| &mut place.overflow);
        tokio::select! {
            sent = timeout(WRITE_TIME_LIMIT, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_broken)) => Err(End::Gone),
                Err(_elapsed) => Err(slow_reader()),
            },
            () = overflows(overflow) => Err(slow_reader()),
        }
    }

    /// The last words, and then reading until the client closes too: closing with unread data would
    /// take the last words back.
    async fn take_leave(&mut self, end: End) {
        let code = match end {
            End::Gone => return,
            End::ByRoom => close_code::NORMAL,
            End::Refused => close_code::POLICY,
            End::Goodbye(Refusal { code, message }) => {
                self.signaling.metrics.refused(code);
                let goodbye = ServerMessage::Goodbye { code, message };
                let Ok(text) = serde_json::to_string(&goodbye) else { return };
                if self.socket.send(Message::Text(text.into())).await.is_err() {
                    return;
                }
                close_code::POLICY
            }
        };
        let frame = CloseFrame { code, reason: Utf8Bytes::default() };
        if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = self.socket.recv().await {}
        }
    }
}

/// What the room sends next, or that the outbox overflowed. Never, without a room.
async fn from_room(room: &mut Option<Place>) -> (Option<Utf8Bytes>, bool) {
    let Some(place) = room else { return std::future::pending().await };
    tokio::select! {
        biased;
        () = overflows(Some(&mut place.overflow)) => (None, true),
        text = place.inbox.next() => (text, false),
    }
}

/// Completes when the outbox overflows; never, if it ends in peace.
async fn overflows(overflow: Option<&mut watch::Receiver<bool>>) {
    if let Some(overflow) = overflow
        && overflow.wait_for(|over| *over).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

fn slow_reader() -> End {
    let message = "this client reads too slowly; it may come back";
    End::Goodbye(Refusal::new(ErrorCode::SlowReader, message))
}

fn too_large() -> Refusal {
    let message = format!("a message may have {MAX_MESSAGE_BYTES} bytes at most");
    Refusal::new(ErrorCode::TooLarge, message)
}

fn shutting_down() -> Refusal {
    Refusal::new(ErrorCode::ShuttingDown, "the node is going down; come back in a moment")
}
