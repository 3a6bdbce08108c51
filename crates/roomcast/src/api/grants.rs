//! Grants in JSON: what is not named is not granted.

use std::collections::BTreeSet;

use roomcast_protocol::{Grants, Source};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

/// What somebody may do at most, whatever their role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
#[schema(as = Grants)]
pub(crate) struct GrantsView {
    /// What they may publish.
    #[schema(schema_with = words::sources)]
    publish: BTreeSet<Source>,
    /// Receive media.
    subscribe: bool,
    /// Chat, raise a hand, send files.
    chat: bool,
    /// As a host: change the room, and what others do in it.
    moderate: bool,
    /// Use the whole HTTP API.
    admin: bool,
}

impl From<Grants> for GrantsView {
    fn from(grants: Grants) -> Self {
        let Grants { publish, subscribe, chat, moderate, admin } = grants;
        Self { publish, subscribe, chat, moderate, admin }
    }
}

impl From<GrantsView> for Grants {
    fn from(view: GrantsView) -> Self {
        let GrantsView { publish, subscribe, chat, moderate, admin } = view;
        Self { publish, subscribe, chat, moderate, admin }
    }
}
