//! One media section of an offer.

use std::fmt::Write;

use super::lines::Lines;
use super::payload::Payload;
use super::{Purpose, Transport};
use crate::layers::MAX_LAYERS;
use crate::media::MediaKind;

/// A media section.
#[derive(Debug)]
pub(super) struct Section {
    /// `None`: neither sound nor picture; str0m does not get to see it.
    pub kind: Option<MediaKind>,
    pub mid: String,
    pub is_rejected: bool,
    /// As it stands in the offer: media, port, protocol, formats.
    pub head: Head,
    pub payloads: Vec<Payload>,
    /// Whether media is to flow the way that the session is for.
    pub is_flowing: bool,
    extensions: Vec<String>,
    sources: Vec<String>,
    /// The names of its encodings, where it offers several.
    rids: Vec<String>,
    purpose: Purpose,
}

/// The first line of a section.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub media: String,
    port: String,
    pub protocol: String,
    pub formats: String,
}

impl Section {
    pub(super) fn read(
        index: usize,
        body: &Lines<'_>,
        session: &Lines<'_>,
        purpose: Purpose,
    ) -> Self {
        let head = Head::read(body.media);
        let kind = match head.media.as_str() {
            "audio" => Some(MediaKind::Audio),
            "video" => Some(MediaKind::Video),
            _ => None,
        };
        let read = |kind| Payload::read((kind, purpose), &head.formats, body);
        let payloads = kind.map(read).unwrap_or_default();
        // Those who know of no bundling name no section either; a number will do.
        let mid = body.value("mid").map_or_else(|| index.to_string(), str::to_owned);
        let all = |name| session.values(name).chain(body.values(name)).map(str::to_owned);
        Self {
            kind,
            is_rejected: !head.is_media() || payloads.is_empty(),
            is_flowing: flows(purpose, body, session),
            extensions: all("extmap").take(MAX_EXTENSIONS).map(|v| format!("extmap:{v}")).collect(),
            sources: sources(body),
            rids: if purpose == Purpose::Publish { rids(body) } else { Vec::new() },
            mid,
            head,
            payloads,
            purpose,
        }
    }

    /// Whether it travels by the transport of this session, which is the only one.
    pub(super) fn shares(
        &self,
        transport: &Transport,
        bundle: Option<&[&str]>,
        body: &Lines<'_>,
    ) -> bool {
        // Port 0 rejects, but not where the section is bundled: it needs no port of its own then
        // (RFC 9143 §6), whether it says `bundle-only` or not.
        match bundle {
            Some(mids) => mids.contains(&self.mid.as_str()),
            // Nothing is said of bundling; the same credentials say as much.
            None => {
                let is_same = body.value("ice-ufrag").is_none_or(|u| u == transport.ufrag);
                self.head.port != "0" && is_same
            }
        }
    }

    /// Writes it in the form that str0m gets to see.
    pub(super) fn write(&self, text: &mut String) {
        let media = &self.head.media;
        if self.is_rejected {
            let _ =
                write!(text, "m={media} 0 {PROTOCOL} 0\r\na=mid:{}\r\na=inactive\r\n", self.mid);
            return;
        }
        let numbers = self.payloads.iter().flat_map(Payload::numbers);
        let numbers = numbers.map(|n| format!(" {n}")).collect::<String>();
        let direction = match (self.is_flowing, self.purpose) {
            (false, _) => "inactive",
            (true, Purpose::Publish) => "sendonly",
            (true, Purpose::Watch) => "recvonly",
        };
        let _ = write!(text, "m={media} 9 {PROTOCOL}{numbers}\r\nc=IN IP4 0.0.0.0\r\n");
        let _ = write!(text, "a=mid:{}\r\na={direction}\r\na=rtcp-mux\r\n", self.mid);
        self.payloads.iter().for_each(|payload| payload.write(text));
        for line in self.extensions.iter().chain(&self.sources) {
            let _ = write!(text, "a={line}\r\n");
        }
        self.rids.iter().for_each(|rid| {
            let _ = write!(text, "a=rid:{rid} send\r\n");
        });
        if !self.rids.is_empty() {
            let _ = write!(text, "a=simulcast:send {}\r\n", self.rids.join(";"));
        }
    }
}

impl Head {
    fn read(line: &str) -> Self {
        let mut parts = line.splitn(4, ' ');
        let mut next = || parts.next().unwrap_or_default().to_owned();
        Self { media: next(), port: next(), protocol: next(), formats: next() }
    }

    /// Whether it is RTP over DTLS-SRTP, by any of the names that RFC 8829 §5.1.2 tells to accept.
    fn is_media(&self) -> bool {
        let names = [PROTOCOL, "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP"];
        let old = ["RTP/SAVPF", "RTP/SAVP"];
        names.into_iter().chain(old).any(|name| name == self.protocol)
    }
}

/// Whether media flows the way that the session is for. Encoders leave the direction out or say
/// `sendrecv` where they only send (RFC 9725 §4.2 allows it): nothing is sent the other way in any
/// case.
fn flows(purpose: Purpose, body: &Lines<'_>, session: &Lines<'_>) -> bool {
    let said = |lines: &Lines<'_>| DIRECTIONS.into_iter().find(|d| lines.has(d));
    let direction = said(body).or_else(|| said(session)).unwrap_or("sendrecv");
    match purpose {
        Purpose::Publish => matches!(direction, "sendonly" | "sendrecv"),
        Purpose::Watch => matches!(direction, "recvonly" | "sendrecv"),
    }
}

/// The encodings of an offer of several (RFC 8853 §5.1), in its order. Of alternatives the first is
/// taken, and one that is paused at first (`~`) may begin any time. More than are forwarded, or names
/// that str0m would change, and the offer is not taken up: then one is sent (§5.3.2).
fn rids(body: &Lines<'_>) -> Vec<String> {
    let Some(offered) = body.value("simulcast") else { return Vec::new() };
    let mut words = offered.split(' ').skip_while(|word| *word != "send").skip(1);
    let first = |stream: &str| {
        let name = stream.split(',').next().unwrap_or_default();
        name.strip_prefix('~').unwrap_or(name).to_owned()
    };
    let rids: Vec<_> = words.next().unwrap_or_default().split(';').map(first).collect();
    let is_name = |rid: &String| {
        (1..=MAX_RID).contains(&rid.len()) && rid.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let is_described = |rid: &String| body.values("rid").any(|r| r.split(' ').next() == Some(rid));
    let is_one_of_a_kind = |rid: &String| rids.iter().filter(|other| *other == rid).count() == 1;
    let is_usable = (1..=MAX_LAYERS).contains(&rids.len())
        && rids.iter().all(|r| is_name(r) && is_described(r) && is_one_of_a_kind(r));
    if is_usable { rids } else { Vec::new() }
}

/// The SSRCs that are told. With several encodings they are left out: by the names of the encodings
/// they are found as well, and str0m takes one of both only.
fn sources(body: &Lines<'_>) -> Vec<String> {
    let groups = body.values("ssrc-group");
    if body.value("simulcast").is_some() || body.values("ssrc-group").any(|g| g.starts_with("SIM"))
    {
        return Vec::new();
    }
    let groups = groups.filter(|g| g.starts_with("FID ")).map(|g| format!("ssrc-group:{g}"));
    // The name belongs to the SSRC; what else is said of it says nothing more.
    let named = body.values("ssrc").filter(|s| s.contains(" cname:"));
    groups.chain(named.map(|s| format!("ssrc:{s}"))).take(MAX_SOURCES).collect()
}

/// What str0m knows.
const PROTOCOL: &str = "UDP/TLS/RTP/SAVPF";

const DIRECTIONS: [&str; 4] = ["sendrecv", "sendonly", "recvonly", "inactive"];

/// Letters of the name of an encoding, as str0m keeps them. Browsers and encoders use one to three.
const MAX_RID: usize = 8;

/// Header extensions of a section; browsers name about a dozen.
const MAX_EXTENSIONS: usize = 32;

/// Lines about SSRCs in a section: one encoding and its resends need three.
const MAX_SOURCES: usize = 16;
