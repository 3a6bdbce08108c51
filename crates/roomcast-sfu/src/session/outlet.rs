//! Where the packets of a subscription leave its session.

use std::time::Instant;

use roomcast_fanout::Protection;
use str0m::rtp::{RtpWrite, Ssrc};
use str0m::{Input, Rtc, RtcError};

use super::pace::Pace;
use super::rest::Rest;
use super::{Happening, Session, Slot, drain};
use crate::media::MediaKind;
use crate::traffic::Counted;
use crate::transmit::Transmits;

/// What sending takes of a session.
pub(crate) struct Outlet<'a, S> {
    pub(super) rtc: &'a mut Rtc,
    pub(super) pace: &'a mut Pace,
    /// With what packets are protected beside str0m; `None`: they go through it.
    pub(super) protection: Option<&'a Protection>,
    /// Of the estimates of the session; `None`: it makes none.
    pub(super) rest: Option<&'a mut Rest>,
    pub(super) sink: Counted<'a, S>,
    happenings: &'a mut Vec<Happening>,
}

impl Session {
    /// A slot and where its packets leave, if this is a subscriber session that has it.
    pub(crate) fn outlet<'a, S: Transmits>(
        &'a mut self,
        index: usize,
        sink: &'a mut S,
        happenings: &'a mut Vec<Happening>,
    ) -> Option<(&'a mut Slot, Outlet<'a, S>)> {
        let super::Half::Subscriber(subscriber) = &mut self.half else { return None };
        let (bandwidth, estimates) = (&mut subscriber.bandwidth, subscriber.estimates);
        let outlet = Outlet {
            rtc: &mut self.rtc,
            pace: &mut bandwidth.pace,
            protection: self.protection.as_ref(),
            rest: estimates.then_some(&mut bandwidth.rest),
            sink: Counted { sink, traffic: &mut self.traffic },
            happenings,
        };
        Some((subscriber.slots.get_mut(index)?, outlet))
    }
}

impl<S: Transmits> Outlet<'_, S> {
    /// Whether no estimate has to see the next packet.
    pub(super) fn spares(&mut self, now: Instant, kind: MediaKind) -> bool {
        self.rest.as_mut().is_none_or(|rest| rest.spares(now, kind))
    }

    /// Has str0m send a packet. Returns when it wants to be called.
    pub(super) fn write(
        &mut self,
        ssrc: Ssrc,
        write: RtpWrite,
        now: Instant,
    ) -> Result<Instant, RtcError> {
        if let Some(stream) = self.rtc.direct_api().stream_tx(&ssrc) {
            stream.write_rtp(write);
        }
        self.rtc.handle_input(Input::Timeout(now))?;
        drain(self.rtc, &mut self.sink, self.happenings)
    }
}
