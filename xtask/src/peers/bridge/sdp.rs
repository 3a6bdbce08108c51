//! Two who both make an offer: each is given the other's as an answer to its own.
//!
//! For a server that will not take a viewer's offer (Janus 1.1). Of the two, the server has to be
//! ICE-lite, so that their ICE roles do not depend on who offered.

use anyhow::Context as _;

/// What the viewer is told. The server begins the DTLS handshake: what a viewer sends before the server
/// has seen its checks is lost (Janus), and comes again after a second.
pub(super) fn for_viewer(viewer: &str, server: &str) -> anyhow::Result<String> {
    answer(viewer, server, server, "a=sendonly\r\na=setup:active\r\n")
}

/// What the server is told.
pub(super) fn for_server(viewer: &str, server: &str) -> anyhow::Result<String> {
    answer(server, viewer, server, "a=recvonly\r\na=setup:passive\r\n")
}

/// The answer to `offer` that says how `other` is reached. The numbers of codecs are those of the
/// server, which knows no others.
fn answer(offer: &str, other: &str, server: &str, role: &str) -> anyhow::Result<String> {
    let (others, servers) = (sections(other), sections(server));
    let transport: String = transport(other).map(|line| format!("{line}\r\n")).collect();
    let (mut mids, mut media) = (String::new(), String::new());
    for section in sections(offer) {
        let kind = section.kind();
        let find = |all: &[Section]| all.iter().position(|one| one.kind() == kind);
        let both = find(&others).zip(find(&servers));
        let (its, servers) = both
            .map(|(its, at)| (&others[its], &servers[at]))
            .with_context(|| format!("{kind} is offered by one alone"))?;
        let mid = section.value("a=mid:").context("a section without name")?;
        let format = servers.format().context("a section without codec")?;
        mids += &format!(" {mid}");
        media += &format!("m={kind} 9 UDP/TLS/RTP/SAVPF {format}\r\nc=IN IP4 0.0.0.0\r\n");
        media += &format!("a=mid:{mid}\r\na=rtcp-mux\r\n{role}{transport}");
        let of_codec = servers.lines.iter().filter(|line| is_about(line, format));
        let extensions = its.extensions().filter(|line| section.lines.contains(line));
        let streams = its.lines.iter().filter(|line| line.starts_with("a=ssrc:"));
        let kept = of_codec.chain(extensions).chain(streams);
        media.extend(kept.map(|line| format!("{line}\r\n")));
    }
    let lite = if other.lines().any(|line| line == "a=ice-lite") { "a=ice-lite\r\n" } else { "" };
    Ok(format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE{mids}\r\n{lite}{media}"
    ))
}

/// A section of media: its lines, `m=` first.
struct Section<'a> {
    lines: Vec<&'a str>,
}

fn sections(sdp: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section> = Vec::new();
    for line in sdp.lines() {
        if line.starts_with("m=") {
            sections.push(Section { lines: Vec::new() });
        }
        if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    sections
}

impl<'a> Section<'a> {
    /// `audio` or `video`.
    fn kind(&self) -> &'a str {
        let line = self.lines.first().copied().unwrap_or_default();
        line.trim_start_matches("m=").split(' ').next().unwrap_or_default()
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.lines.iter().find_map(|line| line.strip_prefix(name))
    }

    /// The payload type of its first codec.
    fn format(&self) -> Option<&'a str> {
        self.lines.first()?.split(' ').nth(3)
    }

    /// Header extensions, but for the section's name: there the two differ.
    fn extensions(&self) -> impl Iterator<Item = &&'a str> {
        let all = self.lines.iter().filter(|line| line.starts_with("a=extmap:"));
        all.filter(|line| !line.ends_with("sdes:mid"))
    }
}

/// How one is reached: each line once, as it may stand in each section or in one for all.
fn transport(sdp: &str) -> impl Iterator<Item = &str> {
    let names = ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=candidate:"];
    let mut lines: Vec<&str> = Vec::new();
    for line in sdp.lines().filter(|line| names.iter().any(|name| line.starts_with(name))) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.into_iter()
}

/// Whether a line describes this payload type.
fn is_about(line: &str, format: &str) -> bool {
    let names = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter();
    let mut about = names.filter_map(|name| line.strip_prefix(name));
    about.any(|rest| rest.split(' ').next() == Some(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEWER: &str = "v=0\r\na=group:BUNDLE x y\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x\r\na=rtpmap:111 opus/48000/2\r\na=recvonly\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 102\r\na=mid:y\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtpmap:102 H264/90000\r\na=extmap:3 wide-cc\r\na=extmap:4 sdes:mid\r\na=extmap:9 more\r\n\
        a=setup:actpass\r\na=ice-ufrag:one\r\na=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\n";

    const SERVER: &str = "v=0\r\na=ice-lite\r\na=fingerprint:sha-256 AA\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 107 108\r\na=mid:0\r\na=rtpmap:107 H264/90000\r\n\
        a=fmtp:107 packetization-mode=1\r\na=rtpmap:108 rtx/90000\r\na=ssrc:7 cname:c\r\n\
        a=extmap:3 wide-cc\r\na=extmap:4 sdes:mid\r\na=extmap:8 more\r\n\
        a=setup:actpass\r\na=ice-ufrag:two\r\na=candidate:1 1 udp 1 10.0.0.2 6000 typ host\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=rtpmap:111 opus/48000/2\r\na=ice-ufrag:two\r\n";

    #[test]
    fn a_viewer_finds_its_own_sections_with_what_the_server_said() {
        let answer = for_viewer(VIEWER, SERVER).unwrap();
        let (session, media) = answer.split_once("m=audio").unwrap();
        assert!(session.contains("a=group:BUNDLE x y\r\na=ice-lite\r\n"), "{answer}");
        let (audio, video) = media.split_once("m=video 9 UDP/TLS/RTP/SAVPF 107\r\n").unwrap();
        assert!(audio.contains("a=mid:x") && audio.contains("10.0.0.2 6000"), "{answer}");
        for line in [
            "a=mid:y",
            "a=sendonly",
            "a=setup:active",
            "a=ice-ufrag:two",
            "a=fingerprint:sha-256 AA",
            "a=rtpmap:107 H264",
            "a=fmtp:107 ",
            "a=ssrc:7 ",
            "a=extmap:3 wide-cc",
        ] {
            assert!(video.contains(line), "{line}: {answer}");
        }
        for line in ["rtx", "actpass", "sdes:mid", "more", "VP8"] {
            assert!(!answer.contains(line), "{line}: {answer}");
        }
    }

    #[test]
    fn the_server_finds_its_own_with_what_the_viewer_said() {
        let answer = for_server(VIEWER, SERVER).unwrap();
        assert!(!answer.contains("ice-lite") && !answer.contains("VP8"), "{answer}");
        let (video, audio) = answer.split_once("m=audio").unwrap();
        assert!(video.contains("a=mid:0\r\n") && video.contains("a=recvonly"), "{answer}");
        assert!(video.contains("SAVPF 107\r\n") && video.contains("10.0.0.1 5000"), "{answer}");
        assert!(audio.contains("a=mid:1\r\n") && audio.contains("a=ice-ufrag:one"), "{answer}");
    }

    #[test]
    fn what_one_alone_offers_is_told() {
        let silent = SERVER.split("m=audio").next().unwrap();
        let error = for_viewer(VIEWER, silent).unwrap_err();
        assert_eq!(error.to_string(), "audio is offered by one alone");
    }
}
