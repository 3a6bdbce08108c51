//! Whether what a participant says about its tracks and their layers is well formed.

use std::collections::BTreeSet;

use roomcast_protocol::client::{AnnouncedTrack, PublishedTrack};
use roomcast_protocol::limits::{MAX_LAYERS, MAX_PUBLICATIONS_PER_PARTICIPANT};
use roomcast_protocol::{ErrorCode, MediaKind, PublishedLayer, Refusal, Source};

/// Whether the tracks of an `announce` are well formed.
///
/// # Errors
/// [`ErrorCode::Malformed`] for a source that is named twice.
pub(crate) fn check_announced(tracks: &[AnnouncedTrack]) -> Result<(), Refusal> {
    let sources: BTreeSet<Source> = tracks.iter().map(|track| track.source).collect();
    if sources.len() < tracks.len() {
        return Err(malformed("a source is named twice"));
    }
    Ok(())
}

/// Whether the tracks of a `publish` are well formed.
///
/// # Errors
/// [`ErrorCode::Malformed`] for too many tracks, for a source or media section named twice, for
/// a media section whose name is empty or longer than [`MAX_MID_CHARS`], and for layers that
/// cannot be.
pub(crate) fn check_tracks(tracks: &[PublishedTrack]) -> Result<(), Refusal> {
    if tracks.len() > MAX_PUBLICATIONS_PER_PARTICIPANT {
        let bound = MAX_PUBLICATIONS_PER_PARTICIPANT;
        return Err(malformed(format!("more than {bound} tracks are named")));
    }
    let (mut sources, mut mids) = (BTreeSet::new(), BTreeSet::new());
    for track in tracks {
        if track.mid.is_empty() || track.mid.chars().count() > MAX_MID_CHARS {
            return Err(malformed(format!("a mid must have 1 to {MAX_MID_CHARS} characters")));
        }
        if !sources.insert(track.source) {
            return Err(malformed("a source is named twice"));
        }
        if !mids.insert(track.mid.as_str()) {
            return Err(malformed("a mid is named twice"));
        }
        check_layers(track)?;
    }
    Ok(())
}

fn check_layers(track: &PublishedTrack) -> Result<(), Refusal> {
    if track.layers.len() > MAX_LAYERS {
        return Err(malformed(format!("a track has {MAX_LAYERS} layers at most")));
    }
    if track.source.kind() == MediaKind::Audio && !track.layers.is_empty() {
        return Err(malformed("a sound has no layers"));
    }
    let mut rids = BTreeSet::new();
    for PublishedLayer { rid, bitrate, .. } in &track.layers {
        if !is_rid(rid) {
            let sentence = format!("a rid has 1 to {MAX_RID_CHARS} letters, digits, - and _");
            return Err(malformed(sentence));
        }
        if !rids.insert(rid.as_str()) {
            return Err(malformed("a rid is named twice"));
        }
        if !(1..=MAX_LAYER_BITRATE).contains(bitrate) {
            let sentence = format!("the bitrate of a layer is 1 to {MAX_LAYER_BITRATE}");
            return Err(malformed(sentence));
        }
    }
    Ok(())
}

/// RFC 8851 §10.
fn is_rid(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_RID_CHARS).contains(&text.len()) && text.bytes().all(fits)
}

fn malformed(sentence: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::Malformed, sentence)
}

/// Characters of an `a=mid`. Browsers use one to three; the RTP header extension that carries it
/// (RFC 8843 §15) has 16 bytes at most in its short form.
pub const MAX_MID_CHARS: usize = 16;

/// Characters of an `a=rid`: as many as the RTP header extension that carries it has bytes in its
/// short form (RFC 8852 §3).
const MAX_RID_CHARS: usize = 16;

/// Bits per second that a layer may be said to use: twenty times what a browser sends at most.
const MAX_LAYER_BITRATE: u32 = 100_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn track(mid: &str, source: Source) -> PublishedTrack {
        PublishedTrack { mid: mid.to_owned(), source, muted: false, layers: Vec::new() }
    }

    fn layer(rid: &str, bitrate: u32) -> PublishedLayer {
        PublishedLayer { rid: rid.to_owned(), bitrate, width: 0, height: 0 }
    }

    fn layered(source: Source, layers: Vec<PublishedLayer>) -> Vec<PublishedTrack> {
        vec![PublishedTrack { layers, ..track("0", source) }]
    }

    #[test]
    fn tracks_that_contradict_each_other_are_refused() {
        use Source::{Camera, Microphone, Screen, ScreenAudio};
        let four = [Camera, Microphone, Screen, ScreenAudio];
        let good: Vec<_> = (0..4).map(|n| track(&n.to_string(), four[n])).collect();
        assert_eq!(check_tracks(&good), Ok(()));
        let mut five = good.clone();
        five.push(track("4", Camera));
        for bad in [
            five,
            vec![track("0", Camera), track("1", Camera)],
            vec![track("0", Camera), track("0", Screen)],
            vec![track("", Camera)],
            vec![track(&"m".repeat(MAX_MID_CHARS + 1), Camera)],
        ] {
            assert_eq!(check_tracks(&bad).unwrap_err().code, ErrorCode::Malformed, "{bad:?}");
        }
    }

    #[test]
    fn layers_are_few_and_have_names_and_bitrates_that_can_be() {
        use Source::{Camera, Microphone};
        let three = ["q", "half-1_x", &"r".repeat(MAX_RID_CHARS)].map(|rid| layer(rid, 1));
        assert_eq!(check_tracks(&layered(Camera, three.to_vec())), Ok(()));
        assert_eq!(check_tracks(&layered(Camera, vec![layer("q", MAX_LAYER_BITRATE)])), Ok(()));
        for bad in [
            layered(Camera, ["a", "b", "c", "d"].map(|rid| layer(rid, 1)).to_vec()),
            layered(Camera, vec![layer("q", 1), layer("q", 2)]),
            layered(Camera, vec![layer("", 1)]),
            layered(Camera, vec![layer("q;h", 1)]),
            layered(Camera, vec![layer("ü", 1)]),
            layered(Camera, vec![layer(&"r".repeat(MAX_RID_CHARS + 1), 1)]),
            layered(Camera, vec![layer("q", 0)]),
            layered(Camera, vec![layer("q", MAX_LAYER_BITRATE + 1)]),
            layered(Microphone, vec![layer("q", 1)]),
        ] {
            assert_eq!(check_tracks(&bad).unwrap_err().code, ErrorCode::Malformed, "{bad:?}");
        }
    }
}
