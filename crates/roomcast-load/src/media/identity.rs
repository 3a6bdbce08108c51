//! Who peers are in DTLS.

use std::sync::Arc;

use anyhow::Context as _;
use str0m::RtcConfig;
use str0m::config::{CryptoProvider, DtlsCert};

/// The certificate of all peers of a run. One for each would cost as much processor time as their
/// handshakes, and no server looks whether two have the same.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    certificate: DtlsCert,
    provider: Arc<CryptoProvider>,
}

impl Identity {
    /// A new one.
    pub(crate) fn generate() -> anyhow::Result<Self> {
        let provider = Arc::new(roomcast_dtls::provider());
        let certificate = provider.dtls_provider.generate_certificate();
        let certificate = certificate.context("no certificate for DTLS could be made")?;
        Ok(Self { certificate, provider })
    }

    /// A configuration of a peer with this identity.
    pub(super) fn config(&self) -> RtcConfig {
        RtcConfig::new()
            .set_crypto_provider(Arc::clone(&self.provider))
            .set_dtls_cert(self.certificate.clone())
    }
}
