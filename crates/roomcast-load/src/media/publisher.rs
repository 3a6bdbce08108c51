//! When a publisher sends what.

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::format::Codec as Format;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::RtpWrite;

use super::footage::Footage;
use super::layers::{Layer, Settings};
use super::picture::{payload, payload_sizes};
use super::stamp::Stamp;
use super::thread::Shared;
use super::track::{Kind, Tracks};

/// A synthetic camera and microphone.
#[derive(Debug)]
pub(super) struct Publisher {
    number: u8,
    settings: Settings,
    footage: Option<Arc<Footage>>,
    tracks: Arc<Tracks>,
    /// The moment from which stamps count.
    start: Instant,
    /// The layers of the picture, the lowest first.
    pictures: Vec<Picture>,
    audio: Stream,
    asked: Vec<Instant>,
    live: bool,
}

/// One encoding of the camera.
#[derive(Debug)]
struct Picture {
    layer: Layer,
    stream: Stream,
    key_frame_wanted: bool,
    /// Whether someone takes it.
    wanted: bool,
}

/// One outgoing stream.
#[derive(Debug)]
struct Stream {
    mid: Mid,
    frames: u32,
    next: Instant,
    interval: Duration,
    clock_rate: u64,
    first: Instant,
    /// RTP sequence number of the next packet, extended.
    sequence: u64,
}

/// A packet, and the stream that it goes into.
pub(super) struct Due {
    pub(super) mid: Mid,
    pub(super) rid: Option<Rid>,
    pub(super) packet: RtpWrite,
}

/// One frame of picture or sound, as it is to be cut.
struct Frame {
    kind: Kind,
    layer: u8,
    key: bool,
    payloads: Payloads,
}

/// What is in its packets.
enum Payloads {
    /// Stamps, in so many bytes.
    Stamped(Vec<usize>),
    /// What is in a clip.
    Ready(Vec<Vec<u8>>),
}

impl Publisher {
    pub(super) fn new(number: u8, shared: &Shared, (video, audio): (Mid, Mid)) -> Self {
        let Shared { settings, start, .. } = *shared;
        let interval = Duration::from_secs(1) / settings.fps.max(1);
        let picture = |layer| Picture {
            layer,
            stream: Stream::new(video, interval, 90_000, start),
            key_frame_wanted: true,
            wanted: true,
        };
        Self {
            number,
            settings,
            footage: shared.footage.clone(),
            tracks: Arc::clone(&shared.tracks),
            start,
            pictures: settings.layers().into_iter().map(picture).collect(),
            audio: Stream::new(audio, AUDIO_INTERVAL, 48_000, start),
            asked: Vec::new(),
            live: false,
        }
    }

    /// The session is connected.
    pub(super) fn go_live(&mut self, now: Instant) {
        self.live = true;
        let pictures = self.pictures.iter_mut().map(|picture| &mut picture.stream);
        for stream in pictures.chain([&mut self.audio]) {
            stream.next = now;
            stream.first = now;
        }
    }

    /// A viewer, or the node for it, asked for a key frame of a layer.
    pub(super) fn want_key_frame(&mut self, rid: Option<Rid>, now: Instant) {
        if self.asked.len() < MAX_ASKED {
            self.asked.push(now);
        }
        let is_meant = |p: &&mut Picture| rid.is_none() || p.layer.rid() == rid;
        self.pictures.iter_mut().filter(is_meant).for_each(|p| p.key_frame_wanted = true);
    }

    /// The layers that someone takes: the others are not sent.
    pub(super) fn want_layers(&mut self, rids: &[String], now: Instant) {
        for picture in &mut self.pictures {
            let wanted = picture.layer.rid.is_none_or(|rid| rids.iter().any(|r| r == rid));
            if wanted && !picture.wanted {
                // An encoder that is started begins with a key frame.
                picture.key_frame_wanted = true;
                picture.stream.next = now;
            }
            picture.wanted = wanted;
        }
    }

    /// When key frames were asked for.
    pub(super) fn into_asked(self) -> Vec<Instant> {
        self.asked
    }

    /// When there is something to send.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let pictures = self.pictures.iter().filter(|p| p.wanted).map(|p| p.stream.next);
        pictures.chain([self.audio.next]).min().filter(|_| self.live)
    }

    /// The packets that are due, of one frame of picture or sound. To be called until it is empty.
    pub(super) fn due(&mut self, rtc: &Rtc, now: Instant) -> Vec<Due> {
        if !self.live {
            return Vec::new();
        }
        let is_due = |p: &Picture| p.wanted && p.stream.next <= now;
        if let Some(index) = self.pictures.iter().position(is_due) {
            if let Some(footage) = self.footage.clone() {
                let frame = self.filmed(&footage);
                return self.write(&frame, rtc, now);
            }
            let picture = &mut self.pictures[index];
            let key = std::mem::take(&mut picture.key_frame_wanted);
            let average = picture.layer.bitrate / 8 / self.settings.fps.max(1);
            let bytes = average as usize * if key { KEY_FRAME_FACTOR } else { 1 };
            let sizes = payload_sizes(self.settings.codec, bytes, key, self.settings.split);
            let layer = u8::try_from(index).unwrap_or(u8::MAX);
            let payloads = Payloads::Stamped(sizes);
            return self.write(&Frame { kind: Kind::Video, layer, key, payloads }, rtc, now);
        }
        if self.audio.next <= now {
            let payloads = Payloads::Stamped(vec![AUDIO_BYTES]);
            let frame = Frame { kind: Kind::Audio, layer: 0, key: false, payloads };
            return self.write(&frame, rtc, now);
        }
        Vec::new()
    }

    /// The next frame of a clip. Key frames come where the clip has them, whoever asks for one.
    fn filmed(&mut self, footage: &Footage) -> Frame {
        let stream = &mut self.pictures[0].stream;
        let place = stream.frames as usize;
        stream.interval = footage.clip.gap(place);
        let frame = footage.clip.frame(place);
        let split = self.settings.split;
        let payloads = frame.map(|frame| footage.payloads(frame, stream.frames, split));
        Frame {
            kind: Kind::Video,
            layer: 0,
            key: frame.is_some_and(|frame| frame.key),
            payloads: Payloads::Ready(payloads.unwrap_or_default()),
        }
    }

    fn write(&mut self, cut: &Frame, rtc: &Rtc, now: Instant) -> Vec<Due> {
        let Frame { kind, layer, key, ref payloads } = *cut;
        let number = Tracks::number(self.number, kind);
        let Picture { layer: encoding, stream: picture, .. } =
            &mut self.pictures[usize::from(layer)];
        let stream = if kind == Kind::Video { picture } else { &mut self.audio };
        let frame = stream.frames;
        let time = stream.begin_frame(now);
        let codec = self.settings.codec;
        let format = if kind == Kind::Video { codec.format() } else { Format::Opus };
        let pt = payload_type(rtc, stream.mid, format);
        let (Some(track), Some(pt)) = (self.tracks.track(number), pt) else { return Vec::new() };
        let sent_us = u64::try_from((now - self.start).as_micros()).unwrap_or(u64::MAX);
        let count = u16::try_from(payloads.len()).unwrap_or(u16::MAX);
        let rid = encoding.rid().filter(|_| kind == Kind::Video);
        let footage = self.footage.as_deref();
        let packet = |index: u16| {
            let taken = track.take_number();
            let stamp =
                Stamp { track: number, layer, key, index, count, frame, number: taken, sent_us };
            let place = usize::from(index);
            let bytes = match payloads {
                Payloads::Stamped(sizes) if kind == Kind::Audio => sound(sizes[place], stamp),
                Payloads::Stamped(sizes) => payload(codec, sizes[place], encoding.size, stamp),
                Payloads::Ready(ready) => {
                    if let Some(footage) = footage {
                        footage.note(self.number.into(), &ready[place], stamp);
                    }
                    ready[place].as_slice().into()
                }
            };
            let marker = kind == Kind::Video && index + 1 == count;
            let packet = RtpWrite::new(pt, stream.take_sequence().into(), time, now, bytes)
                .marker(marker)
                .nackable(kind == Kind::Video);
            Due { mid: stream.mid, rid, packet }
        };
        (0..count).map(packet).collect()
    }
}

impl Payloads {
    fn len(&self) -> usize {
        match self {
            Self::Stamped(sizes) => sizes.len(),
            Self::Ready(ready) => ready.len(),
        }
    }
}

impl Stream {
    fn new(mid: Mid, interval: Duration, clock_rate: u64, now: Instant) -> Self {
        // A browser begins at a random number below 2^15; so does this, less randomly.
        let sequence = 1_000;
        Self { mid, frames: 0, next: now, interval, clock_rate, first: now, sequence }
    }

    /// Takes a frame out of the schedule and returns its RTP time.
    fn begin_frame(&mut self, now: Instant) -> u32 {
        self.frames = self.frames.wrapping_add(1);
        // After a stall the frames are not made up for: a camera would not either.
        self.next = (self.next + self.interval).max(now - self.interval);
        let since = (now - self.first).as_micros() * u128::from(self.clock_rate) / 1_000_000;
        // RTP time wraps.
        #[allow(clippy::cast_possible_truncation, reason = "RTP time is modulo 2^32")]
        let time = since as u32;
        time
    }

    fn take_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}

/// The payload type of a codec that the other side takes, once its answer is there.
pub(super) fn payload_type(rtc: &Rtc, mid: Mid, format: Format) -> Option<Pt> {
    let negotiated = rtc.media(mid)?.remote_pts();
    let params = rtc.codec_config().params();
    let fits = |pt: &Pt| params.iter().any(|p| p.pt() == *pt && p.spec().codec == format);
    negotiated.iter().copied().find(fits)
}

/// Bytes that begin with a plausible Opus TOC: CELT, 20 ms, mono (RFC 6716 section 3.1).
fn sound(size: usize, stamp: Stamp) -> Arc<[u8]> {
    let mut bytes = vec![0xf8];
    stamp.fill(&mut bytes, size);
    bytes.into()
}

/// Opus packets of 20 ms.
const AUDIO_INTERVAL: Duration = Duration::from_millis(20);

/// 40 kbit/s.
const AUDIO_BYTES: usize = 100;

/// Requests whose time is remembered: hours of the two a second that a node may make.
const MAX_ASKED: usize = 100_000;

/// How much larger a key frame is than the average picture.
const KEY_FRAME_FACTOR: usize = 4;
