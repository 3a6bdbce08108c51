//! Who comes, and what they may do at most.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::media::Source;
use crate::server::Role;

/// With which kind of program a participant is here.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// One that speaks this protocol, with a person before it.
    #[default]
    Page,
    /// A publisher that speaks WHIP (RFC 9725).
    Whip,
    /// A viewer that speaks WHEP (draft-ietf-wish-whep).
    Whep,
}

impl Client {
    /// As it stands in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Whip => "whip",
            Self::Whep => "whep",
        }
    }

    /// For fields that are left out of what is written for pages.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(crate) fn is_page(&self) -> bool {
        *self == Self::Page
    }
}

/// What someone may do at most. Their role decides what of it they may do now. What is not named is
/// not granted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Grants {
    /// Publish these, on stage.
    pub publish: BTreeSet<Source>,
    /// Receive what others publish.
    pub subscribe: bool,
    /// Chat, raise a hand, send files.
    pub chat: bool,
    /// As a host: change the room, and what others do in it.
    pub moderate: bool,
    /// Use the whole HTTP API. It says nothing about what goes on in a room.
    pub admin: bool,
}

impl Grants {
    /// What a role comes with by itself. A viewer's are those of a speaker: a host may bring them on
    /// stage.
    #[must_use]
    pub fn of_role(role: Role) -> Self {
        Self {
            publish: Source::ALL.into_iter().collect(),
            subscribe: true,
            chat: true,
            moderate: role == Role::Host,
            admin: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_not_granted_and_what_is_unknown_does_no_harm() {
        let text = r#"{"publish":["camera"],"chat":true,"fly":true}"#;
        let grants: Grants = serde_json::from_str(text).unwrap();
        assert_eq!(grants.publish, [Source::Camera].into());
        assert!(grants.chat && !grants.subscribe && !grants.moderate && !grants.admin);
    }

    #[test]
    fn only_hosts_moderate_by_their_role_and_nobody_is_an_admin_by_it() {
        for role in [Role::Host, Role::Speaker, Role::Viewer] {
            let grants = Grants::of_role(role);
            assert_eq!((grants.moderate, grants.admin), (role == Role::Host, false));
            assert_eq!(grants.publish.len(), Source::ALL.len());
        }
    }

    #[test]
    fn clients_have_one_word_everywhere() {
        for client in [Client::Page, Client::Whip, Client::Whep] {
            assert_eq!(serde_json::to_value(client).unwrap(), client.as_str());
        }
    }
}
