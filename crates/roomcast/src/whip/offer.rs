//! What a client offers: which of its media sections send or receive, and by which ICE credentials.
//!
//! This reads a session description (RFC 8866) as far as that takes, and leaves the rest to the media
//! core. Attributes of the session count for its sections, as some clients write them there.

use roomcast_protocol::client::PublishedTrack;
use roomcast_protocol::limits::{MAX_DESCRIPTION_BYTES, MAX_DESCRIPTION_LINES};
use roomcast_protocol::{ErrorCode, MediaKind, Refusal, Source};

use super::credentials::Credentials;

/// An offer whose form is right as far as it was read.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    sdp: String,
    sections: Vec<Section>,
}

/// One media section.
#[derive(Debug, Clone)]
struct Section {
    /// `None`: neither sound nor picture, such as a data channel.
    kind: Option<MediaKind>,
    mid: Option<String>,
    /// `None`: as the session says, or in both directions.
    direction: Option<Direction>,
    /// Its port is zero: unless it is of a bundle alone, it is rejected.
    closed: bool,
    bundle_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Both,
    Sends,
    Receives,
    Inactive,
}

/// Whether a client sends its camera, or its screen with the sound of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Scene {
    /// The first sections are camera and microphone.
    #[default]
    Camera,
    /// The first sections are the screen and its sound.
    Screen,
}

impl Scene {
    /// The sources of the first and the second section of a kind that sends.
    fn sources(self, kind: MediaKind) -> [Source; 2] {
        let [first, second] = match kind {
            MediaKind::Audio => [Source::Microphone, Source::ScreenAudio],
            MediaKind::Video => [Source::Camera, Source::Screen],
        };
        match self {
            Self::Camera => [first, second],
            Self::Screen => [second, first],
        }
    }
}

impl Offer {
    /// Reads a body.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`], [`ErrorCode::SdpInvalid`], or [`ErrorCode::SdpUnusable`] when it has no
    /// media.
    pub(super) fn read(body: Vec<u8>) -> Result<Self, Refusal> {
        if body.len() > MAX_DESCRIPTION_BYTES {
            let message = format!("a description may have {MAX_DESCRIPTION_BYTES} bytes at most");
            return Err(Refusal::new(ErrorCode::TooLarge, message));
        }
        let sdp = String::from_utf8(body).map_err(|_| invalid("the description is not text"))?;
        if sdp.lines().count() > MAX_DESCRIPTION_LINES {
            let message = format!("a description may have {MAX_DESCRIPTION_LINES} lines at most");
            return Err(invalid(message));
        }
        if sdp.lines().next() != Some("v=0") {
            return Err(invalid("a session description begins with v=0"));
        }
        let sections = sections(&sdp);
        if sections.iter().all(|section| section.kind.is_none()) {
            return Err(unusable("the description has no media section for sound or picture"));
        }
        Ok(Self { sdp, sections })
    }

    /// The whole description.
    pub(super) fn as_sdp(&self) -> &str {
        &self.sdp
    }

    /// What the sections that send are to be.
    ///
    /// # Errors
    /// [`ErrorCode::SdpUnusable`] when nothing is sent, or more than two of a kind are;
    /// [`ErrorCode::SdpInvalid`] when a section that sends has no `a=mid`.
    pub(super) fn tracks(&self, scene: Scene) -> Result<Vec<PublishedTrack>, Refusal> {
        let mut tracks = Vec::new();
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let mut sources = scene.sources(kind).into_iter();
            for section in self.sections.iter().filter(|it| it.kind == Some(kind) && it.sends()) {
                let Some(source) = sources.next() else {
                    return Err(unusable("at most two sounds and two pictures can be published"));
                };
                tracks.push(PublishedTrack {
                    mid: section.named()?,
                    source,
                    muted: false,
                    layers: Vec::new(),
                });
            }
        }
        if tracks.is_empty() {
            return Err(unusable("no media section sends; offer sound or picture as sendonly"));
        }
        Ok(tracks)
    }

    /// Checks that something is to be received.
    ///
    /// # Errors
    /// [`ErrorCode::SdpUnusable`] when nothing is; [`ErrorCode::SdpInvalid`] when a section that
    /// receives has no `a=mid`.
    pub(super) fn check_receiving(&self) -> Result<(), Refusal> {
        let mut receiving = self.sections.iter().filter(|it| it.kind.is_some() && it.receives());
        let Some(first) = receiving.next() else {
            return Err(unusable("no media section receives; offer sound or picture as recvonly"));
        };
        std::iter::once(first).chain(receiving).try_for_each(|it| it.named().map(|_mid| ()))
    }

    /// Checks that an answer takes all that is sent: a stream of which a part is missing would mislead
    /// its owner (RFC 9725 section 4.4.3).
    ///
    /// # Errors
    /// [`ErrorCode::SdpUnusable`] when a section is rejected.
    pub(super) fn check_taken(tracks: &[PublishedTrack], answer: &str) -> Result<(), Refusal> {
        let sections = sections(answer);
        let is_taken = |track: &&PublishedTrack| {
            let of_track = |section: &&Section| section.mid.as_ref() == Some(&track.mid);
            sections.iter().find(of_track).is_some_and(Section::receives)
        };
        if tracks.iter().all(|track| is_taken(&track)) {
            return Ok(());
        }
        Err(unusable("a media section has no codec that is forwarded: H264, VP8, VP9, AV1 or Opus"))
    }

    /// The ICE credentials of the client: those of the session or of the first section that has them.
    pub(super) fn credentials(&self) -> Option<Credentials> {
        Credentials::first_in(&self.sdp)
    }

    /// The same offer by other ICE credentials. Its candidates go: they belonged to the old ones, and
    /// the node learns addresses from checks.
    pub(super) fn with_credentials(&self, credentials: &Credentials) -> Self {
        let mut sdp = String::with_capacity(self.sdp.len());
        for line in self.sdp.lines() {
            if line.starts_with("a=candidate:") || line == "a=end-of-candidates" {
                continue;
            }
            let (name, value) = if line.starts_with("a=ice-ufrag:") {
                ("a=ice-ufrag:", credentials.ufrag())
            } else if line.starts_with("a=ice-pwd:") {
                ("a=ice-pwd:", credentials.pwd())
            } else {
                (line, "")
            };
            sdp.extend([name, value, "\r\n"]);
        }
        Self { sdp, sections: self.sections.clone() }
    }
}

impl Section {
    fn is_open(&self) -> bool {
        !self.closed || self.bundle_only
    }

    fn sends(&self) -> bool {
        self.is_open() && matches!(self.direction, None | Some(Direction::Both | Direction::Sends))
    }

    fn receives(&self) -> bool {
        let receives = matches!(self.direction, None | Some(Direction::Both | Direction::Receives));
        self.is_open() && receives
    }

    fn named(&self) -> Result<String, Refusal> {
        self.mid.clone().ok_or_else(|| invalid("a media section has no a=mid"))
    }
}

fn sections(sdp: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut of_session = None;
    for line in sdp.lines() {
        if let Some(media) = line.strip_prefix("m=") {
            sections.push(section(media, of_session));
            continue;
        }
        let Some(section) = sections.last_mut() else {
            of_session = direction(line).or(of_session);
            continue;
        };
        if let Some(mid) = line.strip_prefix("a=mid:") {
            section.mid = Some(mid.trim().to_owned()).filter(|mid| !mid.is_empty());
        } else if line == "a=bundle-only" {
            section.bundle_only = true;
        } else if let Some(direction) = direction(line) {
            section.direction = Some(direction);
        }
    }
    sections
}

/// Reads what stands behind `m=`.
fn section(media: &str, direction: Option<Direction>) -> Section {
    let mut words = media.split(' ');
    let kind = match words.next() {
        Some("audio") => Some(MediaKind::Audio),
        Some("video") => Some(MediaKind::Video),
        _ => None,
    };
    let closed = words.next() == Some("0");
    Section { kind, mid: None, direction, closed, bundle_only: false }
}

fn direction(line: &str) -> Option<Direction> {
    match line {
        "a=sendrecv" => Some(Direction::Both),
        "a=sendonly" => Some(Direction::Sends),
        "a=recvonly" => Some(Direction::Receives),
        "a=inactive" => Some(Direction::Inactive),
        _ => None,
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::SdpInvalid, message)
}

fn unusable(message: &str) -> Refusal {
    Refusal::new(ErrorCode::SdpUnusable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

    fn offer(rest: &str) -> Result<Offer, Refusal> {
        Offer::read(format!("{SESSION}{rest}").into_bytes())
    }

    fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> ErrorCode {
        result.unwrap_err().code
    }

    fn sources(rest: &str, scene: Scene) -> Vec<(String, Source)> {
        let tracks = offer(rest).unwrap().tracks(scene).unwrap();
        tracks.into_iter().map(|track| (track.mid, track.source)).collect()
    }

    const AUDIO: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=sendonly\r\n";
    const VIDEO: &str =
        "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\na=mid:v\r\na=sendonly\r\n";

    #[test]
    fn the_first_sections_are_camera_and_microphone_or_the_screen_and_its_sound() {
        let both = format!("{VIDEO}{AUDIO}");
        let expected = [("a".into(), Source::Microphone), ("v".into(), Source::Camera)];
        assert_eq!(sources(&both, Scene::Camera), expected);
        let expected = [("a".into(), Source::ScreenAudio), ("v".into(), Source::Screen)];
        assert_eq!(sources(&both, Scene::Screen), expected);
    }

    #[test]
    fn a_second_picture_takes_the_source_that_is_left_and_a_third_has_none() {
        let second = VIDEO.replace("mid:v", "mid:w");
        let two = format!("{VIDEO}{second}");
        let expected = [("v".into(), Source::Camera), ("w".into(), Source::Screen)];
        assert_eq!(sources(&two, Scene::Camera), expected);
        let three = offer(&format!("{two}{VIDEO}")).unwrap();
        assert_eq!(code(three.tracks(Scene::Camera)), ErrorCode::SdpUnusable);
    }

    #[test]
    fn only_sound_only_picture_and_directions_of_the_session_are_understood() {
        assert_eq!(sources(AUDIO, Scene::Camera), [("a".into(), Source::Microphone)]);
        assert_eq!(sources(VIDEO, Scene::Camera), [("v".into(), Source::Camera)]);
        let receives = offer("a=recvonly\r\nm=video 9 X 96\r\na=mid:0\r\n").unwrap();
        assert_eq!(receives.check_receiving(), Ok(()));
        assert_eq!(code(receives.tracks(Scene::Camera)), ErrorCode::SdpUnusable);
    }

    #[test]
    fn an_answer_must_take_every_section_that_sends() {
        let tracks = offer(&format!("{VIDEO}{AUDIO}")).unwrap().tracks(Scene::Camera).unwrap();
        let taken = format!("{VIDEO}{AUDIO}").replace("sendonly", "recvonly");
        assert_eq!(Offer::check_taken(&tracks, &taken), Ok(()));
        let rejected = taken.replace("a=bundle-only\r\n", "");
        assert_eq!(code(Offer::check_taken(&tracks, &rejected)), ErrorCode::SdpUnusable);
        let inactive = taken.replace("recvonly", "inactive");
        assert_eq!(code(Offer::check_taken(&tracks, &inactive)), ErrorCode::SdpUnusable);
        assert_eq!(code(Offer::check_taken(&tracks, "v=0\r\n")), ErrorCode::SdpUnusable);
    }

    #[test]
    fn what_is_neither_sent_nor_received_counts_for_nothing() {
        let rejected = "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=sendrecv\r\n";
        let inactive = "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=inactive\r\n";
        let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n";
        let offer = offer(&format!("{rejected}{inactive}{data}")).unwrap();
        assert_eq!(code(offer.tracks(Scene::Camera)), ErrorCode::SdpUnusable);
        assert_eq!(code(offer.check_receiving()), ErrorCode::SdpUnusable);
    }

    #[test]
    fn an_offer_that_only_receives_publishes_nothing_and_the_other_way_round() {
        let receives = offer(&VIDEO.replace("sendonly", "recvonly")).unwrap();
        assert_eq!(code(receives.tracks(Scene::Camera)), ErrorCode::SdpUnusable);
        assert_eq!(receives.check_receiving(), Ok(()));
        let sends = offer(VIDEO).unwrap();
        assert_eq!(code(sends.check_receiving()), ErrorCode::SdpUnusable);
    }

    #[test]
    fn what_is_no_offer_is_refused() {
        assert_eq!(code(Offer::read(b"hello".to_vec())), ErrorCode::SdpInvalid);
        assert_eq!(code(Offer::read(Vec::new())), ErrorCode::SdpInvalid);
        assert_eq!(code(Offer::read(vec![0xff, 0xfe])), ErrorCode::SdpInvalid);
        assert_eq!(code(offer("")), ErrorCode::SdpUnusable);
        let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n";
        assert_eq!(code(offer(data)), ErrorCode::SdpUnusable);
        let unnamed = VIDEO.replace("a=mid:v\r\n", "");
        assert_eq!(code(offer(&unnamed).unwrap().tracks(Scene::Camera)), ErrorCode::SdpInvalid);
    }

    #[test]
    fn an_offer_is_bounded_in_bytes_and_lines() {
        let lines = format!("{VIDEO}{}", "a=x\n".repeat(MAX_DESCRIPTION_LINES));
        assert_eq!(code(offer(&lines)), ErrorCode::SdpInvalid);
        let bytes = format!("{VIDEO}a={}", "x".repeat(MAX_DESCRIPTION_BYTES));
        assert_eq!(code(offer(&bytes)), ErrorCode::TooLarge);
    }

    #[test]
    fn other_credentials_take_the_place_of_the_old_ones_and_of_their_candidates() {
        let section = "m=audio 9 X 111\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n\
                       a=end-of-candidates\r\na=ice-pwd:an-old-password-of-24-xx\r\n";
        let old = offer(&format!("a=ice-ufrag:old1\r\n{section}")).unwrap();
        let credentials = Credentials::new("new1", "a+new+password+of+22++").unwrap();
        let new = old.with_credentials(&credentials);
        let expected = format!(
            "{SESSION}a=ice-ufrag:new1\r\nm=audio 9 X 111\r\na=mid:0\r\n\
             a=ice-pwd:a+new+password+of+22++\r\n"
        );
        assert_eq!(new.as_sdp(), expected);
        assert_eq!(new.credentials(), Some(credentials));
    }
}
