//! API keys and stream keys: making, showing once, verifying, revoking.

use roomcast_protocol::{DisplayName, ErrorCode, Refusal, RoomName};

use super::Master;
use crate::secret::{Secret, SecretHash};
use crate::store::keys::Added;
pub(crate) use crate::store::keys::{ApiKey, KeyId, StreamKey};
use crate::store::keys::{MAX_API_KEYS, MAX_STREAM_KEYS};
use crate::store::{Store, StoreFault};
use crate::wall_clock::unix_ms;

/// How every API key begins: `rck_<id>_<secret>`.
pub(super) const API_KEY_PREFIX: &str = "rck_";

/// How every stream key begins: `rcs_<id>_<secret>`.
pub(super) const STREAM_KEY_PREFIX: &str = "rcs_";

/// The purpose under which the secrets of API keys are derived.
const API_KEY_PURPOSE: &str = "api-key";

/// The keys of this node. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    store: Store,
    master: Master,
}

impl Keys {
    /// Those of a data folder.
    pub(crate) fn new(store: Store, master: Master) -> Self {
        Self { store, master }
    }

    /// Makes an API key; the whole of it is shown this once.
    ///
    /// # Errors
    /// [`ErrorCode::NodeFull`] when there are [`MAX_API_KEYS`].
    pub(crate) async fn new_api_key(
        &self,
        name: &DisplayName,
    ) -> Result<(ApiKey, Secret), Refusal> {
        let key = fresh_api_key(name.as_str());
        let added = self.store.add_api_key(key.clone(), false).await.map_err(store_fault)?;
        match added {
            Added::Yes => Ok(self.whole(key)),
            _ => Err(full("API keys", MAX_API_KEYS)),
        }
    }

    /// Makes the key `admin`, if this node never had a key.
    pub(crate) async fn first_api_key(&self) -> Result<Option<String>, StoreFault> {
        let key = fresh_api_key("admin");
        let added = self.store.add_api_key(key.clone(), true).await?;
        Ok((added == Added::Yes).then(|| self.whole(key).1.reveal()))
    }

    fn whole(&self, key: ApiKey) -> (ApiKey, Secret) {
        let text = whole_api_key(&self.master, &key.id);
        (key, text)
    }

    /// The API keys in force, the oldest first: [`MAX_API_KEYS`] at most.
    pub(crate) async fn api_keys(&self) -> Result<Vec<ApiKey>, Refusal> {
        self.store.api_keys().await.map_err(store_fault)
    }

    /// Puts an API key and all tokens that it signed out of force. False if it was not in force.
    pub(crate) async fn revoke_api_key(&self, id: &KeyId) -> Result<bool, Refusal> {
        self.store.revoke_api_key(id.clone(), unix_ms()).await.map_err(store_fault)
    }

    /// The API key of this id, if `whole` is it and it is in force.
    pub(super) async fn check_api_key(
        &self,
        id: &KeyId,
        whole: &Secret,
    ) -> Result<Option<ApiKey>, Refusal> {
        let key = self.store.api_key(id.clone()).await.map_err(store_fault)?;
        Ok(key.filter(|key| whole_api_key(&self.master, &key.id).hash().fits(whole)))
    }

    /// With which secret tokens of this API key are signed, if it is in force.
    pub(super) async fn signing_secret(&self, id: &KeyId) -> Result<Option<Secret>, Refusal> {
        let key = self.store.api_key(id.clone()).await.map_err(store_fault)?;
        Ok(key.map(|key| signing_secret(&self.master, &key.id)))
    }

    /// Makes a stream key for a room; the whole of it is shown this once.
    ///
    /// # Errors
    /// [`ErrorCode::RoomUnknown`], and [`ErrorCode::NodeFull`] when the room has [`MAX_STREAM_KEYS`].
    pub(crate) async fn new_stream_key(
        &self,
        room: &RoomName,
        name: &DisplayName,
        takeover: bool,
    ) -> Result<(StreamKey, Secret), Refusal> {
        let key = StreamKey {
            id: KeyId::random(),
            room: room.clone(),
            name: name.as_str().to_owned(),
            takeover,
            created_at: unix_ms(),
            last_used_at: None,
        };
        let whole = fresh_stream_key(&key.id);
        let added = self.store.add_stream_key(key.clone(), whole.hash()).await;
        match added.map_err(store_fault)? {
            Added::Yes => Ok((key, whole)),
            Added::RoomUnknown => {
                let message = "no room of this name is open; its host has to open it";
                Err(Refusal::new(ErrorCode::RoomUnknown, message))
            }
            Added::Full | Added::NotFirst => Err(full("stream keys of a room", MAX_STREAM_KEYS)),
        }
    }

    /// The stream keys of a room, the oldest first: [`MAX_STREAM_KEYS`] at most.
    pub(crate) async fn stream_keys(&self, room: &RoomName) -> Result<Vec<StreamKey>, Refusal> {
        self.store.stream_keys(room.clone()).await.map_err(store_fault)
    }

    /// Gives a stream key another secret; the old one does not fit any more. None if the room has none
    /// of this id.
    pub(crate) async fn renew_stream_key(
        &self,
        room: &RoomName,
        id: &KeyId,
    ) -> Result<Option<(StreamKey, Secret)>, Refusal> {
        let whole = fresh_stream_key(id);
        let renewed = self.store.renew_stream_key(room.clone(), id.clone(), whole.hash()).await;
        Ok(renewed.map_err(store_fault)?.map(|key| (key, whole)))
    }

    /// Forgets a stream key. False if the room has none of this id.
    pub(crate) async fn remove_stream_key(
        &self,
        room: &RoomName,
        id: &KeyId,
    ) -> Result<bool, Refusal> {
        self.store.remove_stream_key(room.clone(), id.clone()).await.map_err(store_fault)
    }

    /// The stream key of this id, if `whole` is it. Its use is noted.
    pub(super) async fn check_stream_key(
        &self,
        id: &KeyId,
        whole: &Secret,
    ) -> Result<Option<StreamKey>, Refusal> {
        let found = self.store.stream_key(id.clone()).await.map_err(store_fault)?;
        let Some((key, _)) = found.filter(|(_, hash)| hash.fits(whole)) else { return Ok(None) };
        self.store.use_stream_key(&key, unix_ms()).await;
        Ok(Some(key))
    }

    /// The hash of a room's host key, if the room is kept.
    pub(super) async fn host_key(&self, room: &RoomName) -> Result<Option<SecretHash>, Refusal> {
        self.store.host_key(room.clone()).await.map_err(store_fault)
    }
}

/// A new API key, which is not kept yet.
pub(super) fn fresh_api_key(name: &str) -> ApiKey {
    ApiKey { id: KeyId::random(), name: name.to_owned(), created_at: unix_ms() }
}

/// With which secret an API key signs: the last part of the key.
pub(super) fn signing_secret(master: &Master, id: &KeyId) -> Secret {
    master.derive(API_KEY_PURPOSE, id.as_str())
}

/// An API key as its owner has it.
pub(super) fn whole_api_key(master: &Master, id: &KeyId) -> Secret {
    let secret = signing_secret(master, id).reveal();
    Secret::trusted(format!("{API_KEY_PREFIX}{id}_{secret}"))
}

/// 160 random bits: nobody guesses them, and they are typed into an encoder by hand at worst.
fn fresh_stream_key(id: &KeyId) -> Secret {
    let secret = super::master::hex(&rand::random::<[u8; 20]>());
    Secret::trusted(format!("{STREAM_KEY_PREFIX}{id}_{secret}"))
}

fn full(what: &str, most: usize) -> Refusal {
    let message = format!("there may be {most} {what}; remove one that is not used");
    Refusal::new(ErrorCode::NodeFull, message)
}

pub(super) fn store_fault(fault: StoreFault) -> Refusal {
    Refusal::new(ErrorCode::Internal, fault.to_string())
}
