//! Media that does not get through, as a client tells it for the operator's log and counters.

use serde::{Deserialize, Serialize};

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
