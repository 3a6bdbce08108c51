//! The crypto provider that str0m would choose by itself, but for two things: its DTLS shares one
//! configuration, and tells the keys that it agrees on.
//!
//! The provider of str0m makes a configuration for each session, and each time `dimpl` tries every key
//! exchange, cipher and signature that it knows: about as much processor time as three handshakes. What is
//! tried is the program's own code, so that once is enough.
//!
//! Keys go from DTLS to str0m and nowhere else, and a provider is not told for which session it works. So
//! what was agreed on waits in a place of the thread for whoever called str0m: see [`agreed`].

use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use dimpl::{Config, Dtls};
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, KeyingMaterial,
    ProtocolVersion, SrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider};

/// A provider whose sessions share the configuration of their DTLS.
#[must_use]
pub fn provider() -> CryptoProvider {
    static SHARING: Sharing = Sharing { config: OnceLock::new() };
    CryptoProvider { dtls_provider: &SHARING, ..str0m_aws_lc_rs::default_provider() }
}

/// What one end of a connection agreed on with the other.
#[derive(Debug)]
pub struct Agreed {
    /// The keys and salts of both sides (RFC 5764 §4.2).
    pub material: KeyingMaterial,
    /// What they are for.
    pub profile: SrtpProfile,
    /// Whether this end was the client.
    pub is_client: bool,
}

thread_local! {
    static AGREED: Cell<Option<Agreed>> = const { Cell::new(None) };
}

/// Takes what was agreed on last in this thread, since the last call. Whoever asks after each call of str0m
/// knows that it is of that session.
#[must_use]
pub fn agreed() -> Option<Agreed> {
    AGREED.take()
}

/// Makes DTLS instances. It lives as long as the program, since str0m takes nothing less.
#[derive(Debug)]
struct Sharing {
    /// That of the first session, with the largest datagram that it asked for.
    config: OnceLock<(Option<usize>, Arc<Config>)>,
}

impl Sharing {
    fn config(&self, mtu: Option<usize>) -> Result<Arc<Config>, CryptoError> {
        if let Some((of, config)) = self.config.get()
            && *of == mtu
        {
            return Ok(Arc::clone(config));
        }
        // Who asks for another size than the first one, or at the same moment, has its own.
        let config = Arc::new(checked(mtu)?);
        let _ = self.config.set((mtu, Arc::clone(&config)));
        Ok(config)
    }
}

/// A configuration that `dimpl` has tried.
fn checked(mtu: Option<usize>) -> Result<Config, CryptoError> {
    // ICE has shown that the peer is where it says: cookies would show the same again.
    let builder = Config::builder()
        .with_crypto_provider(str0m_aws_lc_rs::dimpl_crypto_provider())
        .use_server_cookie(false);
    let builder = match mtu {
        Some(mtu) => builder.mtu(mtu),
        None => builder,
    };
    let fault = |error| CryptoError::Other(format!("DTLS cannot be set up: {error}"));
    builder.build().map_err(fault)
}

impl DtlsProvider for Sharing {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m_aws_lc_rs::default_provider().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let (config, certificate) = (self.config(mtu)?, certificate.clone());
        let dtls = match version {
            DtlsVersion::Dtls12 => Dtls::new_12(config, certificate, now),
            DtlsVersion::Dtls13 => Dtls::new_13(config, certificate, now),
            DtlsVersion::Auto => Dtls::new_auto(config, certificate, now),
            other => return Err(CryptoError::Other(format!("DTLS {other} is not known here"))),
        };
        Ok(Box::new(Instance(dtls)))
    }
}

/// One end of a connection.
#[derive(Debug)]
struct Instance(Dtls);

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.0.poll_output(buffer);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let (material, is_client) = (KeyingMaterial::new(material), self.0.is_active());
            AGREED.set(Some(Agreed { material, profile: *profile, is_client }));
        }
        output
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MTU: Option<usize> = Some(1_150);

    fn end(active: bool, now: Instant) -> Box<dyn DtlsInstance> {
        let provider = provider().dtls_provider;
        let certificate = provider.generate_certificate().unwrap();
        let mut end = provider.new_dtls(&certificate, now, DtlsVersion::Auto, MTU).unwrap();
        end.set_active(active);
        end
    }

    /// Hands all that one end has to say to the other. What it has agreed on with that.
    fn pass_on(from: &mut dyn DtlsInstance, to: &mut dyn DtlsInstance) -> Option<Agreed> {
        let mut buffer = [0; 4_096];
        loop {
            match from.poll_output(&mut buffer) {
                DtlsOutput::Packet(packet) => to.handle_packet(packet).unwrap(),
                DtlsOutput::Timeout(_) => return agreed(),
                _ => {}
            }
        }
    }

    #[test]
    fn two_ends_with_the_shared_configuration_tell_the_same_keys() {
        let now = Instant::now();
        let (mut client, mut server) = (end(true, now), end(false, now));
        let (mut of_client, mut of_server) = (None, None);
        for round in 0..10 {
            let now = now + Duration::from_millis(round);
            client.handle_timeout(now).unwrap();
            server.handle_timeout(now).unwrap();
            of_client = pass_on(&mut *client, &mut *server).or(of_client);
            of_server = pass_on(&mut *server, &mut *client).or(of_server);
        }
        let (of_client, of_server) = (of_client.unwrap(), of_server.unwrap());
        assert_eq!((of_client.is_client, of_server.is_client), (true, false));
        assert_eq!(
            (&*of_client.material, of_client.profile),
            (&*of_server.material, of_server.profile)
        );
        assert!(agreed().is_none(), "told once");
    }

    #[test]
    fn sessions_share_a_configuration_unless_their_datagrams_differ_in_size() {
        let sharing = Sharing { config: OnceLock::new() };
        let config = |mtu| sharing.config(mtu).unwrap();
        assert!(Arc::ptr_eq(&config(MTU), &config(MTU)));
        assert!(!Arc::ptr_eq(&config(MTU), &config(None)));
        assert_eq!((config(MTU).mtu(), config(Some(600)).mtu()), (1_150, 600));
    }

    #[test]
    fn what_cannot_be_set_up_is_an_error() {
        let sharing = Sharing { config: OnceLock::new() };
        assert!(sharing.config(Some(10)).is_err());
        assert!(sharing.config(MTU).is_ok());
    }
}
