//! The order in which a browser wants to send codecs. str0m answers in the order of its own
//! configuration, and a browser sends the first codec of the answer: so the order of the offer has to
//! be known before the `Rtc` is made.

use crate::media::Codec;

/// The video codecs of the first video section of an offer that names any, most wanted first
/// (RFC 3264 §6.1: the answerer should keep the order of the offer).
pub(crate) fn offered_order(offer: &str) -> Vec<Codec> {
    let sections = offer.split("\nm=").skip(1).filter(|s| s.starts_with("video"));
    sections.map(section_order).find(|order| !order.is_empty()).unwrap_or_default()
}

fn section_order(section: &str) -> Vec<Codec> {
    let payload_types = section.lines().next().unwrap_or_default().split_whitespace().skip(3);
    let mut order = Vec::new();
    for codec in payload_types.take(MAX_PAYLOAD_TYPES).filter_map(|pt| codec_of(section, pt)) {
        if !order.contains(&codec) {
            order.push(codec);
        }
    }
    order
}

fn codec_of(section: &str, payload_type: &str) -> Option<Codec> {
    let mapping = section
        .lines()
        .filter_map(|line| line.strip_prefix("a=rtpmap:"))
        .find_map(|map| map.strip_prefix(payload_type)?.strip_prefix(' '))?;
    match mapping.split('/').next()?.to_ascii_uppercase().as_str() {
        "VP8" => Some(Codec::Vp8),
        "VP9" => Some(Codec::Vp9),
        "H264" => Some(Codec::H264),
        "AV1" => Some(Codec::Av1),
        _ => None,
    }
}

/// Payload types have seven bits.
const MAX_PAYLOAD_TYPES: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_decides_and_not_the_mappings() {
        let offer = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 102 103 96 45\r\na=rtpmap:96 VP8/90000\r\n\
            a=rtpmap:102 H264/90000\r\na=rtpmap:103 rtx/90000\r\na=rtpmap:45 AV1/90000\r\n";
        assert_eq!(offered_order(offer), [Codec::H264, Codec::Vp8, Codec::Av1]);
        assert_eq!(offered_order("m=video"), []);
        assert_eq!(offered_order("nonsense"), []);
    }
}
