//! In which form a publication goes to one receiver.

use std::time::Duration;

use str0m::Rtc;
use str0m::media::{Mid, Pt};
use str0m::rtp::{Extension, Ssrc};

use crate::codec::Format;
use crate::media::MediaKind;

/// Payload type and SSRC towards the subscriber.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encoding {
    pub(super) pt: Pt,
    /// That of redundant sound.
    pub(super) red: Option<Pt>,
    pub(super) ssrc: Ssrc,
    pub(super) clock_rate: u32,
    /// In which form packets are sent again; `None`: they are not.
    pub(super) resending: Option<Resending>,
    pub(super) mid: Mid,
    pub(super) ids: Ids,
}

impl Encoding {
    /// Redundant sound has a payload type of its own.
    pub(super) fn payload_type(&self, is_redundant: bool) -> Pt {
        self.red.filter(|_| is_redundant).unwrap_or(self.pt)
    }
}

/// Payload type and SSRC of resent packets (RFC 4588).
#[derive(Debug, Clone, Copy)]
pub(super) struct Resending {
    pub(super) pt: Pt,
    pub(super) ssrc: Ssrc,
}

/// By which ids the receiver knows header extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    pub(super) mid: Option<u8>,
    pub(super) audio_level: Option<u8>,
    pub(super) orientation: Option<u8>,
}

/// The payload type in which the receiver wants a format, and the SSRC of the media section.
pub(super) fn encoding(
    rtc: &mut Rtc,
    mid: Mid,
    format: &Format,
    kind: MediaKind,
) -> Option<Encoding> {
    let media = rtc.media(mid)?;
    if !media.direction().is_sending() {
        return None;
    }
    let known = |extension| media.remote_extmap().id_of(extension);
    let ids = Ids {
        mid: known(Extension::RtpMid),
        audio_level: known(Extension::AudioLevel),
        orientation: known(Extension::VideoOrientation),
    };
    let accepted = media.remote_pts();
    let params = rtc.codec_config().params().iter().filter(|p| accepted.contains(&p.pt()));
    let params = *format.choose(params)?;
    let mut direct = rtc.direct_api();
    let stream = direct.stream_tx_by_mid(mid, None)?;
    let is_resent = |_: &(Pt, Ssrc)| kind == MediaKind::Video;
    let resending = params.resend().zip(stream.rtx()).filter(is_resent);
    Some(Encoding {
        pt: params.pt(),
        red: params.red(),
        ssrc: stream.ssrc(),
        clock_rate: format.clock_rate(),
        resending: resending.map(|(pt, ssrc)| Resending { pt, ssrc }),
        mid,
        ids,
    })
}

/// Raises str0m's bound on resends, by default 15 % of what is sent: a viewer at 10 % loss needs more
/// whenever losses come in bursts.
pub(super) fn allow_resends(rtc: &mut Rtc, output: Encoding) {
    if let Some(stream) =
        rtc.direct_api().stream_tx(&output.ssrc).filter(|_| output.resending.is_some())
    {
        stream.set_rtx_cache(RESEND_PACKETS, RESEND_AGE, Some(MAX_RESEND_RATIO));
    }
}

/// Packets that one subscription can send again: a second of 10 Mbit/s. Only references are kept.
pub(super) const RESEND_PACKETS: usize = 1_000;

/// What is older comes too late to be shown: a picture waits no longer for a packet.
pub(super) const RESEND_AGE: Duration = Duration::from_secs(1);

/// Resends among all packets of a second: what a receiver that asks for everything again and again
/// can cost is twice what it was sent. In the stories 0.7 % of the picture is missing at 10 % loss
/// with a bound of 15 %, and 0.03 % with this one.
const MAX_RESEND_RATIO: f32 = 0.5;
