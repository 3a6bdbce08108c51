//! How a session's `Rtc` is made: ICE-lite, RTP mode, the codecs and header extensions of this node.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::format::{CodecConfig, PayloadParams};
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, Rtc, RtcConfig};

use super::bandwidth::FIRST_ESTIMATE;

/// The certificate with which all sessions of a node do DTLS. Made once: it costs as much CPU time
/// as a whole handshake.
#[derive(Clone)]
pub struct Identity {
    certificate: DtlsCert,
    provider: Arc<CryptoProvider>,
}

impl Identity {
    /// A new self-signed certificate.
    ///
    /// # Errors
    /// When the crypto provider cannot make one.
    pub fn generate() -> Result<Self, IdentityError> {
        let provider = Arc::new(roomcast_dtls::provider());
        let certificate = provider.dtls_provider.generate_certificate().ok_or(IdentityError)?;
        Ok(Self { certificate, provider })
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

/// The crypto provider could not make a certificate.
#[derive(Debug, thiserror::Error)]
#[error("no certificate for DTLS could be made")]
pub struct IdentityError;

/// What all sessions of a shard have in common.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub identity: Identity,
    /// Where browsers may send to.
    pub candidates: Vec<SocketAddr>,
}

impl Setup {
    /// An `Rtc` that receives from a peer which offers these payload types.
    pub(crate) fn publisher(&self, offered: &[PayloadParams], now: Instant) -> Rtc {
        self.build(self.config(ExtensionMap::standard(), offered), now)
    }

    /// An `Rtc` that sends to a peer which offers to receive these payload types.
    pub(crate) fn watcher(&self, offered: &[PayloadParams], estimates: bool, now: Instant) -> Rtc {
        self.build(self.sending(offered, estimates), now)
    }

    /// An `Rtc` that sends to a browser. `estimates`: it finds out what the network carries, which
    /// makes each packet three times as dear unless it rests.
    pub(crate) fn subscriber(&self, estimates: bool, now: Instant) -> Rtc {
        let mut config = self.sending(&[], estimates);
        let codecs = config.codec_config();
        // With redundant packets for those who lose some: see `red`.
        codecs.enable_opus(true, true);
        codecs.enable_h264(false);
        for (payload_type, resend, mode, profile) in RECEIVED_H264 {
            codecs.add_h264(payload_type.into(), Some(resend.into()), mode, profile);
        }
        self.build(config, now)
    }

    /// The local address that str0m knows for a datagram to `destination`: platforms that do not
    /// tell where a datagram was sent get the first candidate of the family.
    pub(crate) fn local(&self, source: SocketAddr, destination: Option<IpAddr>) -> SocketAddr {
        let port = self.candidates.first().map_or(0, SocketAddr::port);
        let same_family = |c: &&SocketAddr| c.is_ipv4() == source.is_ipv4();
        destination
            .map(|ip| SocketAddr::new(ip, port))
            .or_else(|| self.candidates.iter().find(same_family).copied())
            .unwrap_or(source)
    }

    fn sending(&self, offered: &[PayloadParams], estimates: bool) -> RtcConfig {
        let mut extensions = sent_extensions();
        if estimates {
            extensions.set(3, Extension::TransportSequenceNumber);
        }
        // What peers report has to be seen, to send again what they miss.
        let config = self.config(extensions, offered).enable_raw_packets(true);
        if estimates { estimating(config) } else { config }
    }

    fn config(&self, extensions: ExtensionMap, offered: &[PayloadParams]) -> RtcConfig {
        let mut config = RtcConfig::new()
            .set_crypto_provider(Arc::clone(&self.identity.provider))
            .set_dtls_cert(self.identity.certificate.clone())
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .clear_codecs()
            .set_stats_interval(Some(FIGURES_INTERVAL))
            .set_rtcp_report_interval_audio(SOUND_REPORT_INTERVAL)
            .set_extension_map(extensions);
        *config.codec_config() = CodecConfig::new_from_payload_params(codecs(offered));
        config
    }

    fn build(&self, config: RtcConfig, now: Instant) -> Rtc {
        let mut rtc = config.build(now);
        for candidate in &self.candidates {
            if let Ok(candidate) = Candidate::host(*candidate, "udp") {
                rtc.add_local_candidate(candidate);
            }
        }
        rtc
    }
}

/// The payload types of an offer, in its order, and those of codecs that it does not name: a later
/// offer may. An encoder does not read in the answer by which number it is to send, so its own hold.
/// str0m answers in the order of its configuration, and a browser sends the first codec of the answer:
/// so the order of the offer, which an answer should keep (RFC 3264 §6.1), has to be that one.
fn codecs(offered: &[PayloadParams]) -> Vec<PayloadParams> {
    let mut codecs = offered.to_vec();
    for other in all_codecs().params() {
        let collides = |p: &PayloadParams| {
            let numbers = [Some(p.pt()), p.resend()];
            p.spec().codec == other.spec().codec
                || numbers.contains(&Some(other.pt()))
                || (other.resend().is_some() && numbers.contains(&other.resend()))
        };
        if !offered.iter().any(collides) {
            codecs.push(*other);
        }
    }
    codecs
}

/// Every encoder makes the first, every browser decodes it, and its decoding costs the least.
fn all_codecs() -> CodecConfig {
    let mut codecs = CodecConfig::empty();
    codecs.enable_opus(true, false);
    codecs.enable_vp8(true);
    codecs.enable_vp9(true);
    codecs.enable_h264(true);
    codecs.enable_av1(true);
    codecs
}

/// Estimates what the network to the peer carries, if that gives transport-wide feedback, and tells
/// more often how packets fare.
fn estimating(config: RtcConfig) -> RtcConfig {
    let first = Bitrate::from(FIRST_ESTIMATE);
    config.enable_bwe(Some(first)).set_stats_interval(Some(SENT_FIGURES_INTERVAL))
}

/// What is sent with packets: each costs on every one of them.
fn sent_extensions() -> ExtensionMap {
    let mut extensions = ExtensionMap::empty();
    extensions.set(1, Extension::AudioLevel);
    extensions.set(4, Extension::RtpMid);
    extensions.set(13, Extension::VideoOrientation);
    extensions
}

/// As often as those of pictures. Lips match only after two reports of each, which would be 10 s with
/// what str0m does by itself.
const SOUND_REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// How old what str0m says of round trips, jitter and loss may be.
const FIGURES_INTERVAL: Duration = Duration::from_secs(5);

/// The same for what is sent. With them comes the newest estimate of what the network carries; what
/// str0m tells by itself is a mean of three seconds, and pictures would freeze in that time. Browsers give
/// feedback about as often.
const SENT_FIGURES_INTERVAL: Duration = Duration::from_micros(62_500);

/// The kinds of H264 that receivers are offered: payload type, that of resends, packetization mode 1,
/// profile. Each costs 270 bytes in every media section of an offer and nearly as many in its answer, and
/// a full stage has dozens of sections. A sender of another kind finds one among these that takes in
/// its own: constrained baseline in both modes, main, high.
const RECEIVED_H264: [(u8, u8, bool, u32); 4] = [
    (108, 109, true, 0x42_E0_1F),
    (124, 120, false, 0x42_E0_1F),
    (123, 119, true, 0x4D_00_1F),
    (114, 115, true, 0x64_00_1F),
];
