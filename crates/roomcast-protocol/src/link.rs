//! Links: what two participants say to each other through the node, and how the node lists them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::ids::ParticipantId;
use crate::limits::{MAX_CANDIDATE_BYTES, MAX_PUBLICATIONS_PER_PARTICIPANT};
use crate::media::Source;
use crate::server::Role;

/// What one side of a link says to the other: a description or a candidate, never both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LinkSignal {
    /// A session description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LinkDescription>,
    /// With a description: what the sending media sections of its sender carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<LinkTrack>,
    /// A candidate; `null` says that no more follow (RFC 8838).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub candidate: Option<Option<LinkCandidate>>,
}

/// A session description, as `RTCPeerConnection` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkDescription {
    /// What it is.
    pub r#type: DescriptionType,
    /// The whole description; none with a rollback.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sdp: String,
}

/// The types of a description that are passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DescriptionType {
    /// An offer.
    Offer,
    /// An answer.
    Answer,
    /// An offer is taken back.
    Rollback,
}

/// What one sending media section of a link carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTrack {
    /// The `a=mid` of the media section.
    pub mid: String,
    /// What it shows or sounds.
    pub source: Source,
}

/// A candidate, as `RTCIceCandidate` writes itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkCandidate {
    /// The candidate attribute (RFC 8839 §5.1).
    pub candidate: String,
    /// The `a=mid` of its media section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdp_mid: Option<String>,
    /// The place of its media section, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdp_m_line_index: Option<u16>,
    /// The ICE user that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username_fragment: Option<String>,
}

impl fmt::Debug for LinkCandidate {
    /// Without the address, which logs must not hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkCandidate").field("sdp_mid", &self.sdp_mid).finish_non_exhaustive()
    }
}

/// How a participant receives another's publications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Path {
    /// By the link between the two.
    Link,
    /// Through the node.
    Node,
}

/// One of the others, as `links` lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEntry {
    /// Who.
    pub participant: ParticipantId,
    /// The name to show.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether a host took their right to chat.
    pub silenced: bool,
    /// The number of the link: a new one is a new peer connection.
    pub link: u32,
    /// Whether this side gives way when both offer at once.
    pub polite: bool,
    /// Whether there is to be a link.
    pub path: Path,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<NoLink>,
}

/// Why a pair has no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoLink {
    /// It could not be made, or broke for good.
    Failed,
    /// The room is too large, or one of the two has as many links as they may have.
    Size,
    /// A host or the operator chose so.
    Setting,
}

/// How a client sees one of its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// It is up.
    Connected,
    /// It could not be made, or broke, and restarting ICE did not help.
    Failed,
}

/// What data without a link belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Chat: the rules of the chat apply.
    Chat,
    /// Files.
    File,
}

impl LinkSignal {
    /// Whether it is well formed.
    ///
    /// # Errors
    /// [`ErrorCode::Malformed`] unless it is just one of description and candidate, within
    /// [`MAX_CANDIDATE_BYTES`] and [`MAX_PUBLICATIONS_PER_PARTICIPANT`].
    pub fn check(&self) -> Result<(), Refusal> {
        let fault = |message: &str| Err(Refusal::new(ErrorCode::Malformed, message));
        if self.description.is_some() == self.candidate.is_some() {
            return fault("a link message holds either a description or a candidate");
        }
        if self.candidate.is_some() && !self.tracks.is_empty() {
            return fault("tracks go with a description");
        }
        if self.tracks.len() > MAX_PUBLICATIONS_PER_PARTICIPANT {
            return fault("too many tracks are named");
        }
        let bytes = self.candidate.iter().flatten().map(LinkCandidate::bytes).sum::<usize>();
        if bytes > MAX_CANDIDATE_BYTES {
            return fault("the candidate is too long");
        }
        Ok(())
    }

    /// About how many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let sdp = self.description.as_ref().map_or(0, |description| description.sdp.len());
        let candidate = self.candidate.iter().flatten().map(LinkCandidate::bytes).sum::<usize>();
        let mids = self.tracks.iter().map(|track| track.mid.len()).sum::<usize>();
        sdp.saturating_add(candidate).saturating_add(mids)
    }
}

impl LinkCandidate {
    fn bytes(&self) -> usize {
        let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let names = optional(&self.sdp_mid).saturating_add(optional(&self.username_fragment));
        self.candidate.len().saturating_add(names)
    }
}

/// Tells a field that is `null` from one that is missing.
fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<LinkCandidate>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
