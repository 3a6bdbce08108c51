//! A run from beginning to end: hosts, viewers, warm-up, measurement, report.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow, bail};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::args::{Args, Goal};
use crate::clip::Clip;
use crate::media::{self, Footage, Handle, Identity, Outcome, Reached, Settings, Shared, Tracks};
use crate::node::{Counters, Process, Usage, scrape};
use crate::report::{Report, Sample, Seen};
use crate::signaling::{Entrance, Hub, Server, Watched};
use crate::target::Target;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: &'static str,
    /// Viewers who were started.
    pub started: u32,
    /// Viewers who were let into the room.
    pub welcomed: u32,
    /// Viewers whose session is connected.
    pub connected: u32,
    /// Viewers who have a whole picture.
    pub pictures: u32,
    /// Packets that were measured so far.
    pub packets: u64,
    /// How much longer this is to take, where that is known.
    pub left: Option<Duration>,
}

/// Makes the load that `args` asks for and reports what became of it. `progress` is called about
/// twice a second.
///
/// # Errors
/// When the run could not be made at all: no node, no host. Viewers who fail are in the report.
pub async fn run(args: &Args, progress: impl FnMut(Progress)) -> anyhow::Result<Report> {
    args.check().map_err(anyhow::Error::msg)?;
    let Some(path) = &args.file else { return drive(args, None, progress).await };
    let clip = Clip::read(path, args.fps)?;
    // The file says how its picture is encoded.
    let args = Args { codec: clip.codec, ..args.clone() };
    let footage = Footage::new(clip, args.publishers);
    drive(&args, Some(Arc::new(footage)), progress).await
}

async fn drive(
    args: &Args,
    footage: Option<Arc<Footage>>,
    mut progress: impl FnMut(Progress),
) -> anyhow::Result<Report> {
    let mut crowd = Crowd::gather(args, footage).await?;
    let empty = crowd.sample(args).await;
    crowd.open_room(args).await?;
    let alone = crowd.sample(args).await;
    crowd.admit(args, &mut progress).await;
    crowd.warm_up(args, &mut progress).await;
    let joined = crowd.sample(args).await;
    crowd.pass(CALM, "calming down", &mut progress).await;

    crowd.tracks.open();
    let before = crowd.sample(args).await;
    crowd.pass(args.duration, "measuring", &mut progress).await;
    crowd.tracks.close();
    let after = crowd.sample(args).await;
    crowd.settle(&mut progress).await;

    let tracks = crowd.tracks.clone();
    let (watched, outcomes) = crowd.disperse().await?;
    let seen = Seen { empty, alone, joined, before, after, watched, outcomes };
    Ok(Report::new(args, &tracks.expected(), &seen))
}

/// Everyone who takes part.
struct Crowd {
    target: Target,
    entrance: Entrance,
    over: watch::Sender<bool>,
    tracks: Arc<Tracks>,
    reached: Arc<Reached>,
    /// The first one publishes, the others receive.
    threads: Vec<(Handle, JoinHandle<anyhow::Result<Outcome>>)>,
    hosts: JoinSet<anyhow::Result<()>>,
    viewers: JoinSet<Watched>,
    /// Of those who are gone already.
    watched: Vec<Watched>,
    started: u32,
}

impl Crowd {
    async fn gather(args: &Args, footage: Option<Arc<Footage>>) -> anyhow::Result<Self> {
        let (tracks, reached) = (Arc::new(Tracks::new(args.publishers)), Arc::default());
        let (target, entrance) = find(args, &reached).await?;
        let shared = Shared {
            ip: target.local_ip().await?,
            settings: Settings::new(args),
            footage,
            identity: Identity::generate()?,
            feedback: !args.no_feedback,
            loss: args.loss,
            seed: args.seed,
            tracks: Arc::clone(&tracks),
            reached: Arc::clone(&reached),
            start: Instant::now(),
        };
        let names = std::iter::once("publish".to_owned());
        let names = names.chain((0..args.threads).map(|number| format!("watch-{number}")));
        let threads = names
            .zip(args.seed..)
            .map(|(name, seed)| media::start(&name, Shared { seed, ..shared.clone() }));
        Ok(Self {
            target,
            entrance,
            over: watch::Sender::new(false),
            tracks,
            reached,
            threads: threads.collect::<Result<_, _>>()?,
            hosts: JoinSet::new(),
            viewers: JoinSet::new(),
            watched: Vec::new(),
            started: 0,
        })
    }

    /// Lets the hosts go live, one after the other, and waits until their media flows.
    async fn open_room(&mut self, args: &Args) -> anyhow::Result<()> {
        let (mut host_key, mut addresses) = (None, String::new());
        for number in 0..args.publishers {
            let (published, is_published) = oneshot::channel();
            let media = self.threads[0].0.clone();
            let (entrance, over) = (self.entrance.clone(), self.over.subscribe());
            self.hosts.spawn(entrance.publish(over, media, number, host_key.clone(), published));
            let published = is_published.await.context("a host ended early")??;
            addresses = published.media_addresses;
            if number == 0 {
                host_key = published.host_key;
            }
        }
        let wanted = u32::from(args.publishers);
        for _ in 0..STEPS_TO_LIVE {
            if self.reached.publishers.load(Relaxed) >= wanted {
                return Ok(());
            }
            self.look_after_hosts()?;
            tokio::time::sleep(STEP).await;
        }
        bail!(
            "no media connection came up within {:?}. The server named these addresses for it: \
             {addresses}. Can they be reached from here?",
            STEP * STEPS_TO_LIVE
        )
    }

    /// Lets the viewers in, at the asked rate.
    async fn admit(&mut self, args: &Args, progress: &mut impl FnMut(Progress)) {
        let mut rate = tokio::time::interval(Duration::from_secs(1) / args.join_rate);
        let receiving = self.threads.len() - 1;
        for number in 0..args.viewers as usize {
            rate.tick().await;
            let media = self.threads[1 + number % receiving].0.clone();
            let name = format!("Viewer {}", number + 1);
            let (entrance, over) = (self.entrance.clone(), self.over.subscribe());
            let place = (number / receiving, publisher_of(number, args));
            self.viewers.spawn(entrance.watch(over, media, place, name));
            self.started += 1;
            if self.started.is_multiple_of(args.join_rate.div_ceil(2)) {
                progress(self.progress("joining"));
            }
        }
    }

    /// Waits until everyone is where they go, or gone, or the time for it is over.
    async fn warm_up(&mut self, args: &Args, progress: &mut impl FnMut(Progress)) {
        let end = Instant::now() + args.warm_up;
        while self.reached.goal(args.until) < args.viewers && Instant::now() < end {
            while let Some(Ok(gone)) = self.viewers.try_join_next() {
                self.watched.push(gone);
            }
            if self.viewers.is_empty() {
                return;
            }
            self.pass(STEP, "warming up", progress).await;
        }
    }

    /// Waits until everything that is measured was sent, and nothing of it arrives any more.
    async fn settle(&self, progress: &mut impl FnMut(Progress)) {
        let end = Instant::now() + LONGEST_SETTLING;
        let mut arrived = None;
        while Instant::now() < end {
            let arrived_now = Some(self.reached.packets.load(Relaxed));
            if self.tracks.passed() && arrived == arrived_now {
                return;
            }
            arrived = arrived_now;
            self.pass(CALM, "settling", progress).await;
        }
    }

    async fn pass(&self, time: Duration, phase: &'static str, progress: &mut impl FnMut(Progress)) {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            // What is waited for in small steps takes as long as it takes.
            let known = Some(left).filter(|_| time > CALM);
            progress(Progress { left: known, ..self.progress(phase) });
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(PROGRESS_EVERY)).await;
        }
    }

    fn progress(&self, phase: &'static str) -> Progress {
        Progress {
            phase,
            started: self.started,
            welcomed: self.reached.goal(Goal::Welcome),
            connected: self.reached.goal(Goal::Connected),
            pictures: self.reached.goal(Goal::Picture),
            packets: self.reached.packets.load(Relaxed),
            left: None,
        }
    }

    fn look_after_hosts(&mut self) -> anyhow::Result<()> {
        match self.hosts.try_join_next() {
            Some(Ok(ended)) => ended.and_then(|()| Err(anyhow!("a host ended early"))),
            Some(Err(error)) => Err(error.into()),
            None => Ok(()),
        }
    }

    async fn sample(&self, args: &Args) -> Sample {
        let node: Option<Usage> = args.pid.and_then(|pid| Process(pid).usage());
        let counters: Option<Counters> = scrape(&self.target).await;
        Sample { at: Instant::now(), node, own: Process::own().usage(), counters }
    }

    /// Sends everyone home and collects what they saw.
    async fn disperse(mut self) -> anyhow::Result<(Vec<Watched>, Vec<Outcome>)> {
        // The hosts are asked first: a host who was lost explains everything else.
        let lost = self.look_after_hosts();
        self.over.send_replace(true);
        let mut watched = self.watched;
        watched.extend(self.viewers.join_all().await);
        self.hosts.join_all().await;
        let mut outcomes = Vec::new();
        for (handle, thread) in self.threads {
            handle.stop();
            let ended = tokio::task::spawn_blocking(|| thread.join()).await?;
            outcomes.push(ended.map_err(|_panic| anyhow!("a media thread panicked"))??);
        }
        lost.map(|()| (watched, outcomes))
    }
}

/// Finds the server that is meant, and the way in.
async fn find(args: &Args, reached: &Arc<Reached>) -> anyhow::Result<(Target, Entrance)> {
    if let Some(server) = Server::new(args)? {
        return Ok((Target::find(server.address()?).await?, Entrance::Web(server)));
    }
    let target = Target::of_node(&args.url).await?;
    let room = args.room.clone().unwrap_or_else(new_room);
    let (goal, reached) = (args.until, Arc::clone(reached));
    Ok((target.clone(), Entrance::Room(Hub { target, room, goal, reached })))
}

/// Whom a viewer watches where each publisher has a resource of its own: one after the other.
pub(crate) fn publisher_of(viewer: usize, args: &Args) -> u8 {
    let publisher = viewer.checked_rem(usize::from(args.publishers)).unwrap_or_default();
    u8::try_from(publisher).unwrap_or_default()
}

fn new_room() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("load-{}", since.as_millis())
}

/// Between two looks at whether something has happened yet.
const STEP: Duration = Duration::from_millis(100);

/// Ten seconds for ICE and DTLS of a host.
const STEPS_TO_LIVE: u32 = 100;

/// For retransmissions after the joining, and for what is on its way at the end.
const CALM: Duration = Duration::from_secs(1);

/// What comes later than this is lost to any viewer; a node that is overloaded has long queues.
const LONGEST_SETTLING: Duration = Duration::from_secs(15);

const PROGRESS_EVERY: Duration = Duration::from_millis(500);
