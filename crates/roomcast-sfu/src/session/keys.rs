//! The keys with which this side of a session sends.

use roomcast_dtls::Agreed;
use roomcast_fanout::{Profile, Protection};
use str0m::crypto::dtls::SrtpProfile;

/// The protection of what is sent, if DTLS agreed on keys in the call of str0m that is just over.
pub(super) fn take() -> Option<Protection> {
    let Agreed { material, profile, is_client } = roomcast_dtls::agreed()?;
    Protection::new(known(profile)?, &material, is_client)
}

/// Browsers and str0m agree on AES-GCM. What str0m encrypts for others stays with it.
fn known(profile: SrtpProfile) -> Option<Profile> {
    match profile {
        SrtpProfile::AEAD_AES_128_GCM => Some(Profile::Aes128Gcm),
        SrtpProfile::AEAD_AES_256_GCM => Some(Profile::Aes256Gcm),
        _ => None,
    }
}
