//! An offer as its peer wrote it. Browsers, encoders and devices write one thing in many ways; str0m
//! reads the way of browsers. Here an offer is read leniently and written anew with what this node
//! uses of it, in one form; str0m's answer is then put into the frame of the original.
//!
//! Whatever is not understood is left out rather than refused. Each leniency has its reason where it
//! is. Pure text: nothing is looked up or remembered.

mod answer;
mod lines;
mod payload;
mod section;

use std::fmt::Write;

use str0m::change::SdpOffer;
use str0m::format::PayloadParams;
use str0m::media::Mid;
use str0m::{Rtc, RtcError};

use super::subscriber::MAX_SLOTS;
use crate::event::RefusedReason;
use crate::media::MediaKind;
use lines::Lines;
use section::Section;

/// An offer that has been read.
#[derive(Debug)]
pub(crate) struct PeerOffer {
    transport: Transport,
    sections: Vec<Section>,
}

/// What the peer wants to do with its media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Publish,
    Watch,
}

/// ICE and DTLS of the one transport that all sections share.
#[derive(Debug, Clone)]
struct Transport {
    ufrag: String,
    password: String,
    fingerprint: String,
    setup: Option<String>,
}

impl PeerOffer {
    /// Reads an offer.
    ///
    /// # Errors
    /// `Invalid` when it is no session description, or says nothing of ICE or DTLS; `Unusable` when
    /// it has no media section, or the peer cannot be reached: it is ICE-lite, as this node is, and
    /// nobody would check.
    pub(crate) fn read(text: &str, purpose: Purpose) -> Result<Self, RefusedReason> {
        let mut parts = lines::parts(text)?.into_iter();
        let session = parts.next().ok_or(RefusedReason::Invalid)?;
        let bodies: Vec<_> = parts.collect();
        if bodies.len() > MAX_SECTIONS {
            return Err(RefusedReason::Invalid);
        }
        if bodies.is_empty() || session.has("ice-lite") {
            return Err(RefusedReason::Unusable);
        }
        let mut sections: Vec<_> = (0..)
            .zip(&bodies)
            .map(|(index, body)| Section::read(index, body, &session, purpose))
            .collect();
        let leader = sections.iter().position(|s| !s.is_rejected).unwrap_or(0);
        let transport = transport(&session, &bodies, leader).ok_or(RefusedReason::Invalid)?;
        let bundle = session.bundle();
        for (section, body) in sections.iter_mut().zip(&bodies) {
            section.is_rejected |= !section.shares(&transport, bundle.as_deref(), body);
        }
        let flowing = sections.iter_mut().filter(|s| s.is_flowing && !s.is_rejected);
        flowing.skip(MAX_SLOTS).for_each(|section| section.is_flowing = false);
        Ok(Self { transport, sections })
    }

    /// The payload types that are offered for codecs which are forwarded, most wanted first.
    pub(crate) fn payloads(&self) -> Vec<PayloadParams> {
        let (mut known, mut taken) = (Vec::new(), Vec::new());
        for payload in self.accepted().flat_map(|s| &s.payloads) {
            let numbers = payload.numbers();
            if !numbers.iter().any(|n| taken.contains(n)) {
                taken.extend(numbers);
                known.push(payload.params());
            }
        }
        known
    }

    /// The offer in the one form that str0m gets to see.
    pub(crate) fn plain(&self) -> String {
        let Transport { ufrag, password, fingerprint, setup } = &self.transport;
        let mut text = String::from("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
        // In the order of the sections: any order is right (RFC 9143 §5), str0m knows only this one.
        let mids = self.accepted().map(|s| format!(" {}", s.mid)).collect::<String>();
        // Writing to a string does not fail.
        let _ =
            write!(text, "a=group:BUNDLE{mids}\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n");
        let _ = write!(text, "a=fingerprint:{fingerprint}\r\n");
        if let Some(setup) = setup {
            let _ = write!(text, "a=setup:{setup}\r\n");
        }
        for section in self.sections.iter().filter(|s| s.kind.is_some()) {
            section.write(&mut text);
        }
        text
    }

    /// The sections in which media may flow, in their order: names as str0m knows them, and kinds.
    pub(crate) fn flowing(&self) -> Vec<(Mid, MediaKind)> {
        let flowing = self.accepted().filter(|s| s.is_flowing);
        flowing.filter_map(|s| Some((Mid::from(s.mid.as_str()), s.kind?))).collect()
    }

    /// The answer of str0m in the frame of this offer.
    pub(crate) fn answer(&self, plain: &str) -> String {
        answer::framed(&self.sections, plain)
    }

    fn accepted(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|s| !s.is_rejected)
    }
}

/// Gives an offer to str0m, and its answer back. Other ICE credentials than before restart ICE.
///
/// # Errors
/// When it contradicts what was negotiated before.
pub(crate) fn accept(rtc: &mut Rtc, offer: &PeerOffer) -> Result<String, RefusedReason> {
    let invalid = |error: RtcError| {
        tracing::debug!(%error, "an offer does not fit");
        RefusedReason::Invalid
    };
    let plain = SdpOffer::from_sdp_string(&offer.plain()).map_err(|_| RefusedReason::Invalid)?;
    let answer = rtc.sdp_api().accept_offer(plain).map_err(invalid)?;
    Ok(offer.answer(&answer.to_sdp_string()))
}

/// ICE and DTLS as the leading section says, or the session (RFC 8839 §5.4, RFC 8122 §5), or any other
/// section: some write them once at the top, others into each section, others into the first alone.
fn transport(session: &Lines<'_>, bodies: &[Lines<'_>], leader: usize) -> Option<Transport> {
    let say = |name: &str| {
        let leading = bodies.get(leader).and_then(|body| body.value(name));
        leading
            .or_else(|| session.value(name))
            .or_else(|| bodies.iter().find_map(|b| b.value(name)))
    };
    let (ufrag, password) = (say("ice-ufrag")?, say("ice-pwd")?);
    let (hash, digest) = fingerprint(session, bodies, leader)?.split_once(' ')?;
    // The name of the hash is written in either case; str0m knows the lower one.
    let fingerprint = format!("{} {digest}", hash.to_ascii_lowercase());
    let setup = say("setup").map(str::to_owned);
    Some(Transport { ufrag: ufrag.into(), password: password.into(), fingerprint, setup })
}

/// The certificate's SHA-256 if it is told by that, which everyone knows; some tell several.
fn fingerprint<'a>(session: &Lines<'a>, bodies: &[Lines<'a>], leader: usize) -> Option<&'a str> {
    let parts = bodies.get(leader).into_iter().chain([session]).chain(bodies);
    let told: Vec<_> = parts.flat_map(|part| part.values("fingerprint")).collect();
    let is_usual = |f: &&&str| f.get(..8).is_some_and(|hash| hash.eq_ignore_ascii_case("sha-256 "));
    told.iter().find(is_usual).or(told.first()).copied()
}

/// Media sections of one offer: twice what a session may carry, since those that have ended stay.
const MAX_SECTIONS: usize = 128;

#[cfg(test)]
mod tests;
