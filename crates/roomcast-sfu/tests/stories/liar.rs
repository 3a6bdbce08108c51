//! A viewer that lies about what it receives: what it hands to str0m as feedback of an application goes
//! out as transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1). Both have
//! format 15; only the payload type differs, and that is changed where SRTCP is encrypted.

use std::cell::Cell;
use std::sync::Arc;

use str0m::RtcConfig;
use str0m::crypto::{
    AeadAes256GcmCipher, CryptoError, CryptoProvider, SrtpProvider, SupportedAeadAes128Gcm,
    SupportedAeadAes256Gcm, SupportedAes128CmSha1_80, from_feature_flags,
};

use crate::world::{Who, World};

/// How the liars of a story lie now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lying {
    /// Their feedback is what str0m makes of what came.
    Not,
    /// Lies go beside that.
    Beside,
    /// Lies go instead of that.
    Instead,
}

thread_local! {
    static LYING: Cell<Lying> = const { Cell::new(Lying::Not) };
}

/// Changes how the liars of this story lie.
pub(crate) fn lie(lying: Lying) {
    LYING.set(lying);
}

/// Transport-wide feedback, as true or false as its fields are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Feedback {
    /// The number of the first packet.
    pub base: u16,
    /// How many packets it is about.
    pub count: u16,
    /// In steps of 64 ms, 24 bits.
    pub reference: u32,
    pub number: u8,
    pub chunks: Vec<u16>,
    pub deltas: Vec<u8>,
}

impl Feedback {
    /// So many packets came, each so many steps of 250 µs after the one before.
    pub(crate) fn of(base: u16, reference: u32, deltas: &[u8]) -> Self {
        let count = deltas.len() as u16;
        let (chunks, deltas) = (vec![run(Status::Small, count)], deltas.to_vec());
        Self { base, count, reference, number: 0, chunks, deltas }
    }

    /// The same with deltas of two bytes, which may be negative.
    pub(crate) fn of_large(base: u16, reference: u32, deltas: &[i16]) -> Self {
        let count = deltas.len() as u16;
        let chunks = vec![run(Status::Large, count)];
        let deltas = deltas.iter().flat_map(|delta| delta.to_be_bytes()).collect();
        Self { base, count, reference, number: 0, chunks, deltas }
    }

    /// What follows the SSRCs.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = [self.base.to_be_bytes(), self.count.to_be_bytes()].concat();
        body.extend(&self.reference.to_be_bytes()[1..]);
        body.push(self.number);
        body.extend(self.chunks.iter().flat_map(|chunk| chunk.to_be_bytes()));
        body.extend(&self.deltas);
        body
    }
}

/// What became of a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Status {
    Missing = 0,
    Small = 1,
    Large = 2,
    /// Not used by anyone.
    Reserved = 3,
}

/// A chunk: so many packets of one status, up to 8,191.
pub(crate) fn run(status: Status, count: u16) -> u16 {
    (status as u16) << 13 | count & 0x1FFF
}

/// A chunk of 14 packets that came (1) or not (0).
pub(crate) fn vector(bits: u16) -> u16 {
    0x8000 | bits & 0x3FFF
}

/// A chunk of seven packets by their statuses of two bits.
pub(crate) fn wide_vector(statuses: u16) -> u16 {
    0xC000 | statuses & 0x3FFF
}

impl World {
    /// A viewer that lies when it is told to.
    pub(crate) fn liar(&mut self, publications: &[(roomcast_sfu::PublicationId, bool)]) -> Who {
        lie(Lying::Not);
        let who = self.subscriber_with(publications, liar);
        self.clients[who].is_liar = true;
        who
    }

    /// Sends these bodies as transport-wide feedback, as many in one datagram as it takes.
    pub(crate) fn give_feedback(&mut self, who: Who, bodies: &[Vec<u8>]) {
        let now = self.now;
        let client = &mut self.clients[who];
        for body in bodies {
            client.rtc.direct_api().send_app_specific_feedback(1.into(), 2.into(), body.clone());
        }
        client.advance(now);
    }
}

fn liar(config: RtcConfig) -> RtcConfig {
    static LYING_SRTP: LyingSrtp = LyingSrtp;
    let provider = CryptoProvider { srtp_provider: &LYING_SRTP, ..from_feature_flags() };
    config.set_crypto_provider(Arc::new(provider))
}

/// Changes the header of a datagram, which is not encrypted, as that of [`swap_all`].
pub(crate) fn disguise(datagram: &mut [u8]) {
    if let [first, second, ..] = datagram {
        *second = swapped(*first, *second);
    }
}

/// The payload type that goes out. What is not sent as the one is sent as the other, which nobody reads.
fn swapped(first: u8, payload_type: u8) -> u8 {
    match (first >> 6, first & 0x1F, payload_type, LYING.get()) {
        (2, 15, APPLICATION, Lying::Beside | Lying::Instead) => TRANSPORT,
        (2, 15, TRANSPORT, Lying::Instead) => APPLICATION,
        _ => payload_type,
    }
}

/// The same for each packet of a compound one.
fn swap_all(mut packets: &mut [u8]) {
    while let [first, second, high, low, ..] = packets {
        *second = swapped(*first, *second);
        let length = (usize::from(u16::from_be_bytes([*high, *low])) + 1) * 4;
        packets = packets.get_mut(length..).unwrap_or_default();
    }
}

const TRANSPORT: u8 = 205;
const APPLICATION: u8 = 206;

#[derive(Debug)]
struct LyingSrtp;

impl SrtpProvider for LyingSrtp {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        honest().aes_128_cm_sha1_80()
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        honest().aead_aes_128_gcm()
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &LyingGcm
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        honest().srtp_aes_128_ecb_round(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        honest().srtp_aes_256_ecb_round(key, input, output);
    }
}

/// The cipher that str0m negotiates with itself.
#[derive(Debug)]
struct LyingGcm;

impl SupportedAeadAes256Gcm for LyingGcm {
    fn create_cipher(&self, key: [u8; 32], encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        Box::new(LyingCipher(honest().aead_aes_256_gcm().create_cipher(key, encrypt)))
    }
}

#[derive(Debug)]
struct LyingCipher(Box<dyn AeadAes256GcmCipher>);

impl AeadAes256GcmCipher for LyingCipher {
    fn encrypt(
        &mut self,
        iv: &[u8; 12],
        associated: &[u8],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(), CryptoError> {
        // RFC 7714 §9.2: the first header and SSRC of RTCP, and the index.
        let Some((header, index)) = associated.split_at_checked(8).filter(|_| is_rtcp(associated))
        else {
            return self.0.encrypt(iv, associated, input, output);
        };
        let mut packets = [header, input].concat();
        swap_all(&mut packets);
        let associated = [&packets[..8], index].concat();
        self.0.encrypt(iv, &associated, &packets[8..], output)
    }

    fn decrypt(
        &mut self,
        iv: &[u8; 12],
        associated: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        self.0.decrypt(iv, associated, input, output)
    }
}

/// RFC 5761 §4.
fn is_rtcp(associated: &[u8]) -> bool {
    associated.len() == 12 && (192..=223).contains(&associated[1])
}

fn honest() -> &'static dyn SrtpProvider {
    from_feature_flags().srtp_provider
}
