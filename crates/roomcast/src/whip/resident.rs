//! A resident: what stands in a room in the place of a page, for a client that has none.
//!
//! It is a connection of the room like any other: it joins, publishes or watches, and leaves. What the
//! room says to it becomes the answers of HTTP. It ends with its media session, when the room says
//! goodbye, or when the client ends it; then nothing of it stays.

use std::sync::atomic::Ordering;
use std::time::Duration;

use roomcast_protocol::client::PublishedTrack;
use roomcast_protocol::server::{IceServer, Role, SessionKind};
use roomcast_protocol::{ClientMessage, ErrorCode, Refusal, Request};
use roomcast_room::{ConnectionId, Input};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Protocol;
use super::credentials::Credentials;
use super::fragment::{self, Fragment};
use super::headers::{Condition, EntityTag};
use super::heard::Heard;
use super::offer::Offer;
use super::residents::{Address, Place};
use crate::rooms::{Entry, Inbox, Mail, RoomMailbox};
use crate::ws::Signaling;

/// How long the room and the media core may take over an offer. Both answer within milliseconds unless
/// the node is far too busy.
const ANSWER_TIME_LIMIT: Duration = Duration::from_secs(5);

/// How long the room may take over a farewell.
const LEAVE_TIME_LIMIT: Duration = Duration::from_secs(1);

/// What a client asks a resident of its own.
#[derive(Debug)]
pub(super) enum Command {
    /// Says something about ICE.
    Patch { condition: Condition, fragment: Fragment, reply: oneshot::Sender<Patched> },
    /// Ends the session. Answered when it has left the room.
    End { reply: oneshot::Sender<()> },
}

/// What became of a `PATCH`.
pub(super) type Patched = Result<Option<Restarted>, Refusal>;

/// A new ICE session.
#[derive(Debug)]
pub(super) struct Restarted {
    pub(super) tag: EntityTag,
    /// What the node says about it.
    pub(super) fragment: String,
}

/// A session that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) address: Address,
    pub(super) answer: String,
    pub(super) tag: EntityTag,
    pub(super) ice_servers: Vec<IceServer>,
}

/// One who is to become a resident.
pub(super) struct Newcomer {
    pub(super) signaling: Signaling,
    pub(super) place: Place,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) offer: Offer,
    /// What it publishes; empty for one who watches.
    pub(super) tracks: Vec<PublishedTrack>,
}

impl Newcomer {
    /// Enters a room and begins the session. `inbox` is the other end of the entry's outbox.
    ///
    /// # Errors
    /// Whatever the room, the media core or the time limit says. Nothing stays then.
    pub(super) async fn settle(self, entry: Entry, inbox: Inbox) -> Result<Begun, Refusal> {
        let (reply, begun) = oneshot::channel();
        tokio::spawn(live(self, entry, inbox, reply));
        // The resident leaves when nobody waits for this any more.
        match timeout(ANSWER_TIME_LIMIT, begun).await {
            Ok(begun) => begun.unwrap_or_else(|_| Err(over())),
            Err(_elapsed) => Err(too_slow()),
        }
    }

    /// A connection of its own.
    pub(super) fn connection(signaling: &Signaling) -> ConnectionId {
        ConnectionId(signaling.last_connection.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

async fn live(
    newcomer: Newcomer,
    entry: Entry,
    inbox: Inbox,
    mut reply: oneshot::Sender<Result<Begun, Refusal>>,
) {
    let connection = entry.connection;
    let mailbox = match newcomer.signaling.directory.enter(entry).await {
        Ok(mailbox) => mailbox,
        Err(refusal) => {
            newcomer.signaling.metrics.refused(refusal.code);
            let _ = reply.send(Err(refusal));
            return;
        }
    };
    let Newcomer { signaling, place, commands, offer, tracks } = newcomer;
    let mut resident = Resident {
        line: Line { connection, mailbox, inbox, last_request: JOIN, overheard: None },
        place,
        offer,
        tracks,
        tag: EntityTag::random(),
    };
    let begun = tokio::select! {
        begun = resident.begin() => begun,
        () = reply.closed() => Err(too_slow()),
    };
    let has_begun = begun.is_ok();
    let is_awaited = reply.send(begun).is_ok();
    let farewell = if has_begun && is_awaited { resident.stay(commands).await } else { None };
    let Resident { line, place, .. } = resident;
    line.leave().await;
    // Before the answer: who asks for the session again does not find it.
    drop(place);
    if let Some(reply) = farewell {
        let _ = reply.send(());
    }
    drop(signaling);
}

/// The number of a resident's first request, with which it enters.
pub(super) const JOIN: u32 = 1;

struct Resident {
    line: Line,
    place: Place,
    /// The newest one that was answered.
    offer: Offer,
    tracks: Vec<PublishedTrack>,
    tag: EntityTag,
}

impl Resident {
    async fn begin(&mut self) -> Result<Begun, Refusal> {
        let ice_servers = self.line.be_welcomed().await?;
        let answer = self.line.ask(self.wish(&self.offer, true)).await?;
        // That was about the session of an older self.
        self.line.overheard = None;
        Offer::check_taken(&self.tracks, &answer)?;
        let (address, tag) = (self.place.address.clone(), self.tag.clone());
        Ok(Begun { address, answer, tag, ice_servers })
    }

    /// Goes on until the session is over. Returns whom to tell of its end.
    async fn stay(&mut self, mut commands: mpsc::Receiver<Command>) -> Option<oneshot::Sender<()>> {
        loop {
            tokio::select! {
                heard = self.line.hear() => if self.is_end(&heard) {
                    return None;
                },
                command = commands.recv() => match command {
                    Some(Command::Patch { condition, fragment, reply }) => {
                        let _ = reply.send(self.patch(condition, fragment).await);
                        if self.line.overheard.take().is_some_and(|heard| self.is_end(&heard)) {
                            return None;
                        }
                    }
                    Some(Command::End { reply }) => return Some(reply),
                    // Withdrawn by someone who was gone before it could say why.
                    None => return None,
                },
            }
        }
    }

    /// Whether the session is over with this.
    fn is_end(&self, heard: &Heard) -> bool {
        match (heard, self.protocol()) {
            (Heard::Goodbye(_) | Heard::Nothing, _)
            | (Heard::SessionClosed(SessionKind::Publisher), Protocol::Whip)
            | (Heard::SessionClosed(SessionKind::Subscriber), Protocol::Whep)
            // A host took it off the stage: there is nothing that it could do there.
            | (Heard::Role(Role::Viewer), Protocol::Whip) => true,
            _ => false,
        }
    }

    async fn patch(&mut self, condition: Condition, fragment: Fragment) -> Patched {
        match condition {
            Condition::Missing => {
                let message = "say by If-Match which ICE session is meant";
                return Err(Refusal::new(ErrorCode::PreconditionRequired, message));
            }
            Condition::Tags(tags) if !self.tag.is_in(&tags) => {
                let message = "there is a newer ICE session than the one in If-Match";
                return Err(Refusal::new(ErrorCode::PreconditionFailed, message));
            }
            Condition::Any | Condition::Tags(_) => {}
        }
        match fragment {
            Fragment::Of(credentials)
                if self.offer.credentials().as_ref() != Some(&credentials) =>
            {
                self.restart(&credentials).await.map(Some)
            }
            // Candidates of the session that there is. Checks from them are all that is needed.
            Fragment::Of(_) | Fragment::Unbound => Ok(None),
        }
    }

    async fn restart(&mut self, credentials: &Credentials) -> Result<Restarted, Refusal> {
        let offer = self.offer.with_credentials(credentials);
        let asked = timeout(ANSWER_TIME_LIMIT, self.line.ask(self.wish(&offer, false)));
        let answer = asked.await.unwrap_or_else(|_elapsed| Err(too_slow()))?;
        self.offer = offer;
        self.tag = EntityTag::random();
        Ok(Restarted { tag: self.tag.clone(), fragment: fragment::of_answer(&answer) })
    }

    fn wish(&self, offer: &Offer, fresh: bool) -> ClientMessage {
        let sdp = offer.as_sdp().to_owned();
        match self.protocol() {
            Protocol::Whip => ClientMessage::Publish { sdp, tracks: self.tracks.clone(), fresh },
            Protocol::Whep => ClientMessage::Watch { sdp, fresh },
        }
    }

    fn protocol(&self) -> Protocol {
        self.place.address.protocol
    }
}

/// The way to the room and back.
struct Line {
    connection: ConnectionId,
    mailbox: RoomMailbox,
    inbox: Inbox,
    last_request: u32,
    /// What came while an answer was waited for, and may be the end.
    overheard: Option<Heard>,
}

impl Line {
    /// Waits for the answer to the entry.
    async fn be_welcomed(&mut self) -> Result<Vec<IceServer>, Refusal> {
        loop {
            match self.hear().await {
                Heard::Welcome(ice_servers) => return Ok(ice_servers),
                Heard::Waiting => {
                    let message = "a host lets people in one by one; come by the page of the room";
                    return Err(Refusal::new(ErrorCode::Denied, message));
                }
                Heard::Error(_, refusal) | Heard::Goodbye(refusal) => return Err(refusal),
                Heard::Nothing => return Err(over()),
                _ => {}
            }
        }
    }

    /// Makes an offer and waits for the answer to it.
    async fn ask(&mut self, message: ClientMessage) -> Result<String, Refusal> {
        self.last_request = self.last_request.wrapping_add(1);
        let id = Some(self.last_request);
        self.say(message).await?;
        loop {
            match self.hear().await {
                Heard::Answer(re, sdp) if re == id => return Ok(sdp),
                Heard::Error(re, refusal) if re == id => return Err(refusal),
                Heard::Goodbye(refusal) => return Err(refusal),
                Heard::Nothing => return Err(over()),
                heard @ (Heard::SessionClosed(_) | Heard::Role(_)) => self.overheard = Some(heard),
                _ => {}
            }
        }
    }

    async fn say(&self, message: ClientMessage) -> Result<(), Refusal> {
        let request = Request { id: Some(self.last_request), message };
        let mail = Mail::Input(Input::Request { connection: self.connection, request });
        self.mailbox.send(mail).await.map_err(|_| over())
    }

    /// Safe to be given up: what was not returned is heard next time.
    async fn hear(&mut self) -> Heard {
        match self.inbox.next().await {
            Some(text) => Heard::read(&text),
            None => Heard::Nothing,
        }
    }

    /// Takes leave of the room, and waits for its farewell.
    async fn leave(mut self) {
        if self.say(ClientMessage::Leave).await.is_err() {
            return;
        }
        // In case that the room did not know it (any more).
        let gone = Input::Disconnected { connection: self.connection };
        let _ = self.mailbox.send(Mail::Input(gone)).await;
        let farewell = async { while self.inbox.next().await.is_some() {} };
        let _ = timeout(LEAVE_TIME_LIMIT, farewell).await;
    }
}

/// The session is gone, whatever the cause.
pub(super) fn over() -> Refusal {
    Refusal::new(ErrorCode::SessionUnknown, "there is no such session, or not any more")
}

fn too_slow() -> Refusal {
    Refusal::new(ErrorCode::NodeFull, "the node is too busy to answer; try again in a moment")
}
