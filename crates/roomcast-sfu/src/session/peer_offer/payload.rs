//! Payload types of an offer: those of codecs that are forwarded, with their resends.

use std::fmt::Write;

use str0m::format::{Codec as Str0mCodec, CodecConfig, CodecSpec, FormatParams, PayloadParams};
use str0m::media::Frequency;

use super::Purpose;
use super::lines::Lines;
use crate::media::{Codec, MediaKind};

/// A payload type of a codec that is forwarded.
#[derive(Debug, Clone)]
pub(super) struct Payload {
    number: u8,
    resend: Option<u8>,
    /// That of redundant sound (RFC 2198).
    redundant: Option<u8>,
    codec: Codec,
    format: String,
    feedback: Vec<String>,
}

impl Payload {
    /// Those of a section of this kind whose first line lists `formats`, in its order.
    pub(super) fn read(
        (kind, purpose): (MediaKind, Purpose),
        formats: &str,
        body: &Lines<'_>,
    ) -> Vec<Self> {
        let mut payloads: Vec<Self> = Vec::new();
        for number in formats.split_whitespace().take(MAX_PAYLOAD_TYPES).filter_map(usable) {
            if payloads.iter().all(|p| p.number != number) {
                payloads.extend(Self::read_one(kind, number, body));
            }
        }
        if purpose == Purpose::Watch {
            payloads.iter_mut().for_each(|p| p.redundant = redundant(p, body));
        }
        payloads
    }

    fn read_one(kind: MediaKind, number: u8, body: &Lines<'_>) -> Option<Self> {
        let (name, rate) = mapping(number, body)?;
        let codec = codec(name, rate).filter(|codec| kind_of(*codec) == kind)?;
        let given = of_number("fmtp", number, body).next().unwrap_or_default();
        let format = format(codec, given)?;
        let feedback = feedback(number, body);
        let (resend, redundant) = (resend(number, body), None);
        Some(Self { number, resend, redundant, codec, format, feedback })
    }

    /// Its number, that of its resends and that of redundant packets.
    pub(super) fn numbers(&self) -> Vec<u8> {
        [Some(self.number), self.resend, self.redundant].into_iter().flatten().collect()
    }

    /// As str0m has to be configured, to find it again in [`Payload::write`]'s words.
    pub(super) fn params(&self) -> PayloadParams {
        if let Some(params) = self.redundant.and_then(|_| redundant_opus()) {
            return params;
        }
        let (codec, clock_rate, channels) = match self.codec {
            Codec::Opus => (Str0mCodec::Opus, Frequency::FORTY_EIGHT_KHZ, Some(2)),
            Codec::Vp8 => (Str0mCodec::Vp8, Frequency::NINETY_KHZ, None),
            Codec::Vp9 => (Str0mCodec::Vp9, Frequency::NINETY_KHZ, None),
            Codec::H264 => (Str0mCodec::H264, Frequency::NINETY_KHZ, None),
            Codec::Av1 => (Str0mCodec::Av1, Frequency::NINETY_KHZ, None),
        };
        let format = FormatParams::parse_line(&self.format);
        let spec = CodecSpec { codec, clock_rate, channels, format };
        let mut params = PayloadParams::new(self.number.into(), self.resend.map(Into::into), spec);
        // An answer names no feedback that was not offered (RFC 4585 §4.2).
        let has = |kind: &str| self.feedback.iter().any(|feedback| feedback == kind);
        params.set_fb_nack(has("nack"));
        params.set_fb_pli(has("nack pli"));
        params.set_fb_fir(has("ccm fir"));
        params.set_fb_remb(has("goog-remb"));
        params
    }

    /// Writes its lines.
    pub(super) fn write(&self, text: &mut String) {
        let (number, clock) = (self.number, clock(self.codec));
        let _ = write!(text, "a=rtpmap:{number} {clock}\r\n");
        if !self.format.is_empty() {
            let _ = write!(text, "a=fmtp:{number} {}\r\n", self.format);
        }
        for feedback in &self.feedback {
            let _ = write!(text, "a=rtcp-fb:{number} {feedback}\r\n");
        }
        if let Some(resend) = self.resend {
            let _ = write!(text, "a=rtpmap:{resend} rtx/90000\r\na=fmtp:{resend} apt={number}\r\n");
        }
        if let Some(red) = self.redundant {
            let _ =
                write!(text, "a=rtpmap:{red} red/48000/2\r\na=fmtp:{red} {number}/{number}\r\n");
        }
    }
}

/// A payload type that can be told from RTCP on the same port (RFC 5761 §4).
fn usable(number: &str) -> Option<u8> {
    let number = number.parse().ok()?;
    (number < 64 || (96..128).contains(&number)).then_some(number)
}

/// The values of attributes that name a payload type, without its number.
fn of_number<'a>(
    name: &'a str,
    number: u8,
    body: &'a Lines<'_>,
) -> impl Iterator<Item = &'a str> + 'a {
    body.values(name).filter_map(move |value| {
        let (named, rest) = value.split_once(' ')?;
        let is_it = named.parse() == Ok(number) || (named == "*" && name == "rtcp-fb");
        is_it.then(|| rest.trim())
    })
}

/// The name and clock rate of a payload type.
fn mapping<'a>(number: u8, body: &'a Lines<'_>) -> Option<(&'a str, &'a str)> {
    let mut parts = of_number("rtpmap", number, body).next()?.split('/');
    Some((parts.next()?, parts.next()?))
}

/// Names are the same in either case (RFC 4855 §3).
fn codec(name: &str, rate: &str) -> Option<Codec> {
    let codec = match name.to_ascii_uppercase().as_str() {
        "OPUS" => Codec::Opus,
        "VP8" => Codec::Vp8,
        "VP9" => Codec::Vp9,
        "H264" => Codec::H264,
        "AV1" => Codec::Av1,
        _ => return None,
    };
    let expected = if codec == Codec::Opus { "48000" } else { "90000" };
    (rate == expected).then_some(codec)
}

fn kind_of(codec: Codec) -> MediaKind {
    if codec == Codec::Opus { MediaKind::Audio } else { MediaKind::Video }
}

fn clock(codec: Codec) -> &'static str {
    match codec {
        // Always so, whatever is sent (RFC 7587 §7): some write the channels that they have.
        Codec::Opus => "opus/48000/2",
        Codec::Vp8 => "VP8/90000",
        Codec::Vp9 => "VP9/90000",
        Codec::H264 => "H264/90000",
        Codec::Av1 => "AV1/90000",
    }
}

/// The parameters that decide who can decode it; `None` for what is not forwarded.
fn format(codec: Codec, given: &str) -> Option<String> {
    let value = |name: &str| {
        given
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then(|| value.trim()))
    };
    let number = |name: &str| value(name).and_then(|v| v.parse::<u8>().ok());
    let numbers = |names: &[&str]| {
        let given = names.iter().filter_map(|name| Some(format!("{name}={}", number(name)?)));
        given.collect::<Vec<_>>().join(";")
    };
    match codec {
        Codec::Opus => Some("minptime=10;useinbandfec=1".into()),
        Codec::Vp8 => Some(String::new()),
        Codec::Vp9 => Some(numbers(&["profile-id"])),
        Codec::Av1 => Some(numbers(&["profile", "level-idx", "tier"])),
        Codec::H264 => {
            // Mode 2 interleaves: browsers do not take it.
            let common = numbers(&["level-asymmetry-allowed", "packetization-mode"]);
            let profile = value("profile-level-id")
                .filter(|p| p.len() == 6)
                .and_then(|p| u32::from_str_radix(p, 16).ok())
                .map(|p| format!("profile-level-id={p:06x}"));
            let parts = [Some(common).filter(|c| !c.is_empty()), profile];
            let format = parts.into_iter().flatten().collect::<Vec<_>>().join(";");
            (number("packetization-mode").unwrap_or(0) < 2).then_some(format)
        }
    }
}

/// The payload type of its resends (RFC 4588 §8.1).
fn resend(number: u8, body: &Lines<'_>) -> Option<u8> {
    body.values("fmtp").find_map(|value| {
        let (resend, format) = value.split_once(' ')?;
        let mut pairs = format.split(';').filter_map(|pair| pair.trim().strip_prefix("apt="));
        let is_its = pairs.any(|repaired| repaired.trim().parse() == Ok(number));
        let resend = usable(resend).filter(|_| is_its)?;
        let (name, _) = mapping(resend, body)?;
        name.eq_ignore_ascii_case("rtx").then_some(resend)
    })
}

/// The payload type in which a receiver takes packets of this codec with earlier ones in them (RFC 2198
/// §5). Publishers are not asked for any: what they lose on the way to the node is lost to few.
fn redundant(payload: &Payload, body: &Lines<'_>) -> Option<u8> {
    let number = payload.number.to_string();
    body.values("fmtp").find_map(|value| {
        let (red, primaries) = value.split_once(' ')?;
        let is_its = primaries.trim().split('/').all(|primary| primary == number);
        let red = usable(red).filter(|red| is_its && *red != payload.number)?;
        let (name, rate) = mapping(red, body)?;
        let is_red = name.eq_ignore_ascii_case("red") && rate == "48000";
        (is_red && payload.codec == Codec::Opus).then_some(red)
    })
}

/// The one way to tell str0m that redundant packets are wanted. The numbers in it are replaced by those
/// of the receiver, who decides them.
fn redundant_opus() -> Option<PayloadParams> {
    let mut codecs = CodecConfig::empty();
    codecs.enable_opus(true, true);
    codecs.params().first().copied()
}

/// The kinds of feedback that str0m knows; `*` stands for all payload types (RFC 4585 §4.2).
fn feedback(number: u8, body: &Lines<'_>) -> Vec<String> {
    let known = ["nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"];
    let named: Vec<_> = of_number("rtcp-fb", number, body).collect();
    known.into_iter().filter(|kind| named.contains(kind)).map(str::to_owned).collect()
}

/// Payload types have seven bits.
const MAX_PAYLOAD_TYPES: usize = 128;
