//! What comes out of a session.

use std::time::Instant;

use str0m::bwe::BweKind;
use str0m::media::Mid;
use str0m::rtp::rtcp::{Nack, ReceiverReport, Rtcp};
use str0m::rtp::{RawPacket, RtpPacket};
use str0m::{Event, Output, Rtc, RtcError};

use super::figures::{News, bounded};
use crate::transmit::Transmits;

/// What came out of a session while it was driven.
#[derive(Debug)]
pub(crate) enum Happening {
    Connected,
    IceLost,
    IceBack,
    Packet(Box<RtpPacket>),
    KeyFrameWanted(Mid),
    /// Packets of a stream are to be sent again.
    Resend {
        ssrc: u32,
        wanted: Vec<u16>,
    },
    /// The peer gets this stream.
    Reported {
        ssrc: u32,
    },
    /// The network is supposed to carry so many bits per second: of interest before there is feedback.
    Estimate(u64),
    /// The peer says so.
    Remb(u64),
    Figures(News),
    ClosedByPeer,
}

/// Takes everything that str0m has to say, and tells when it wants to be called.
pub(super) fn drain(
    rtc: &mut Rtc,
    sink: &mut impl Transmits,
    happenings: &mut Vec<Happening>,
) -> Result<Instant, RtcError> {
    loop {
        match rtc.poll_output()? {
            Output::Timeout(at) => return Ok(at),
            Output::Transmit(t) => sink.push(t.destination, t.source.ip(), &t.contents),
            Output::Event(Event::RawPacket(packet)) => reported(*packet, happenings),
            Output::Event(event) => happenings.extend(happening(event)),
        }
    }
}

/// Of what the peer reports, what str0m keeps to itself.
fn reported(packet: RawPacket, happenings: &mut Vec<Happening>) {
    match packet {
        RawPacket::RtcpRx(Rtcp::Nack(Nack { ssrc, reports, .. })) => {
            let wanted = reports.iter().flat_map(|entry| missing(entry.pid, entry.blp)).collect();
            happenings.push(Happening::Resend { ssrc: *ssrc, wanted });
        }
        RawPacket::RtcpRx(Rtcp::ReceiverReport(ReceiverReport { reports, .. })) => {
            let ssrcs = reports.iter().map(|report| *report.ssrc);
            happenings.extend(ssrcs.map(|ssrc| Happening::Reported { ssrc }));
        }
        _ => {}
    }
}

/// The sequence numbers of a NACK: the first, and those behind it whose bits are set (RFC 4585 §6.2.1).
fn missing(first: u16, following: u16) -> impl Iterator<Item = u16> {
    let behind = (0..16).filter(move |bit| following >> bit & 1 == 1);
    std::iter::once(first).chain(behind.map(move |bit| first.wrapping_add(bit + 1)))
}

fn happening(event: Event) -> Option<Happening> {
    match event {
        Event::Connected => Some(Happening::Connected),
        Event::IceConnectionStateChange(state) if state.is_disconnected() => {
            Some(Happening::IceLost)
        }
        Event::IceConnectionStateChange(_) => Some(Happening::IceBack),
        Event::RtpPacket(packet) => Some(Happening::Packet(Box::new(packet))),
        Event::KeyframeRequest(request) => Some(Happening::KeyFrameWanted(request.mid)),
        Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
            Some(Happening::Estimate(bounded(estimate)))
        }
        Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
            Some(Happening::Remb(estimate.as_u64()))
        }
        Event::PeerStats(stats) => Some(Happening::Figures(News::of_peer(stats))),
        Event::MediaIngressStats(stats) => {
            Some(Happening::Figures(News::Received(Box::new(stats))))
        }
        Event::MediaEgressStats(stats) => Some(Happening::Figures(News::Sent(Box::new(stats)))),
        Event::Closed => Some(Happening::ClosedByPeer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_a_packet_and_some_of_the_sixteen_behind_it() {
        assert_eq!(missing(10, 0).collect::<Vec<_>>(), [10]);
        assert_eq!(missing(65_535, 0b1000_0000_0000_0101).collect::<Vec<_>>(), [65_535, 0, 2, 15]);
    }
}
