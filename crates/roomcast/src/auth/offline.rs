//! Keys and tokens without a node: what `roomcast token` does, with the data folder or with a key alone.

use std::io;
use std::path::Path;

use roomcast_protocol::{DisplayName, Refusal};

use super::keys::{API_KEY_PREFIX, fresh_api_key, signing_secret, whole_api_key};
use super::{KeyId, Master, TokenRequest, jwt};
use crate::secret::Secret;
use crate::store::keys::{self, Added, MAX_API_KEYS};
use crate::store::{Store, StoreError};
use crate::wall_clock::unix_seconds;

/// Why the data folder gives no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfflineError {
    #[error("the data folder cannot be written: {0}; choose the node's with --data")]
    Folder(#[from] io::Error),
    #[error("the data folder cannot be read: {0}; choose the node's with --data")]
    Store(#[from] StoreError),
    #[error("there are {MAX_API_KEYS} API keys; revoke one that is not used")]
    Full,
    #[error("the data folder has no API key; make one with --new-key, or give one with --key")]
    NoKey,
}

/// Makes an API key in a data folder. A node that runs on it knows it at once.
pub(crate) fn new_api_key(data: &Path, name: &DisplayName) -> Result<Secret, OfflineError> {
    std::fs::create_dir_all(data)?;
    let master = Master::load(data)?;
    let database = Store::beside(data)?;
    let key = fresh_api_key(name.as_str());
    match keys::add_api_key(&database, &key, false).map_err(StoreError::Sqlite)? {
        Added::Yes => Ok(whole_api_key(&master, &key.id)),
        _ => Err(OfflineError::Full),
    }
}

/// The newest API key of a data folder: its id and signing secret.
pub(crate) fn newest_key(data: &Path) -> Result<(KeyId, Secret), OfflineError> {
    if !Store::file(data).is_file() {
        return Err(OfflineError::NoKey);
    }
    let master = Master::load(data)?;
    let found = keys::api_keys(&Store::beside(data)?).map_err(StoreError::Sqlite)?;
    let newest = found.into_iter().next_back().ok_or(OfflineError::NoKey)?;
    let secret = signing_secret(&master, &newest.id);
    Ok((newest.id, secret))
}

/// The id and the signing secret of a whole API key. Nobody says whether it is in force.
pub(crate) fn parts(whole: &str) -> Option<(KeyId, Secret)> {
    let (id, secret) = whole.trim().strip_prefix(API_KEY_PREFIX)?.split_once('_')?;
    Some((KeyId::parse(id)?, Secret::trusted(secret.to_owned())))
}

/// A token, signed with an API key.
///
/// # Errors
/// [`roomcast_protocol::ErrorCode::TokenInvalid`] when it would be refused.
pub(crate) fn mint(request: &TokenRequest, key: &KeyId, secret: Secret) -> Result<String, Refusal> {
    jwt::sign(&request.claims(key, unix_seconds())?, secret)
}
