//! The keys of a session, as its DTLS agrees on them.
//!
//! str0m keeps them to itself, but lets the crypto provider be chosen. The one here makes DTLS as all of
//! this workspace does, and listens to what that says. Providers are static and are not told for which session they work, so
//! what was heard waits in a place of the thread until the call that led to it is over: a shard runs one
//! session at a time (docs/decisions/016).

use std::cell::Cell;
use std::time::Instant;

use roomcast_fanout::{Profile, Protection};
use str0m::config::CryptoProvider;
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
    SrtpProfile,
};

thread_local! {
    static HEARD: Cell<Option<Protection>> = const { Cell::new(None) };
}

/// Takes the protection of what this side sends, if keys were agreed on since the last call in this
/// thread.
pub(super) fn take() -> Option<Protection> {
    HEARD.take()
}

/// The provider of all sessions, with DTLS that is listened to.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { dtls_provider: &Overhearing, ..roomcast_dtls::provider() }
}

#[derive(Debug)]
struct Overhearing;

/// The DTLS of one session.
#[derive(Debug)]
struct Overheard(Box<dyn DtlsInstance>);

impl DtlsProvider for Overhearing {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        roomcast_dtls::provider().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let provider = roomcast_dtls::provider().dtls_provider;
        let instance = provider.new_dtls(certificate, now, version, mtu)?;
        Ok(Box::new(Overheard(instance)))
    }

    fn is_test(&self) -> bool {
        roomcast_dtls::provider().dtls_provider.is_test()
    }
}

impl DtlsInstance for Overheard {
    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.0.poll_output(buffer);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let is_client = self.0.is_active();
            HEARD.set(known(*profile).and_then(|p| Protection::new(p, material, is_client)));
        }
        output
    }

    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

/// Browsers and str0m agree on AES-GCM. What str0m encrypts for others stays with it.
fn known(profile: SrtpProfile) -> Option<Profile> {
    match profile {
        SrtpProfile::AEAD_AES_128_GCM => Some(Profile::Aes128Gcm),
        SrtpProfile::AEAD_AES_256_GCM => Some(Profile::Aes256Gcm),
        _ => None,
    }
}
