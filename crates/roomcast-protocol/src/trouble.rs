//! Media that does not get through: as a client tells it for the operator's log and counters, and
//! as the node sees it in what is published.

use serde::{Deserialize, Serialize};

use crate::media::Codec;

/// Which connection has trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TroublePlace {
    /// The session in which the client sends.
    Publisher,
    /// The session in which it receives.
    Subscriber,
    /// A link.
    Link,
}

/// Why media does not get through, as far as a client can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleCause {
    /// UDP does not get out.
    NoUdp,
    /// Only relays would do, and there is none.
    OnlyRelay,
    /// The TURN server does not answer.
    TurnUnreachable,
    /// The TURN server refuses.
    TurnRefused,
    /// No candidate was gathered at all.
    NoCandidates,
    /// The other side did not answer.
    NoAnswer,
    /// It was up and broke.
    Lost,
    /// None of these.
    Unknown,
}

/// What is wrong with a publication, as the node or its receivers see it: for its owner and hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum PublicationTrouble {
    /// No key frame comes though it is asked for: newcomers see nothing.
    NoKeyFrame,
    /// It has B-frames (ITU-T H.264), which browsers show in the wrong order or not at all.
    BFrames,
    /// None of those who should receive it can decode it.
    Undecodable {
        /// The codec in which it is published.
        codec: Codec,
    },
    /// Packets are lost between its owner and the node.
    Loss {
        /// How many of a hundred; 1 to 100.
        percent: u8,
    },
}

impl PublicationTrouble {
    /// Whether both are of one kind, whatever their numbers.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl TroublePlace {
    /// As it stands in messages and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publisher => "publisher",
            Self::Subscriber => "subscriber",
            Self::Link => "link",
        }
    }
}

impl TroubleCause {
    /// As it stands in messages and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoUdp => "no-udp",
            Self::OnlyRelay => "only-relay",
            Self::TurnUnreachable => "turn-unreachable",
            Self::TurnRefused => "turn-refused",
            Self::NoCandidates => "no-candidates",
            Self::NoAnswer => "no-answer",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_and_messages_have_the_same_words() {
        use TroubleCause as C;
        let causes = [C::NoUdp, C::OnlyRelay, C::TurnUnreachable, C::TurnRefused];
        let more = [C::NoCandidates, C::NoAnswer, C::Lost, C::Unknown];
        for cause in causes.into_iter().chain(more) {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
        }
        for place in [TroublePlace::Publisher, TroublePlace::Subscriber, TroublePlace::Link] {
            assert_eq!(serde_json::to_value(place).unwrap(), place.as_str());
        }
    }
}
