//! Whose reception is not good, in JSON: what hosts of a room are told as well.

use roomcast_protocol::{Reception, Standing, Struggling};
use roomcast_room::Standings;
use serde::Serialize;
use utoipa::ToSchema;

use super::words;

/// Those whose reception is not good.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Strugglers)]
pub(super) struct StrugglersView {
    /// The worst first, 20 at most.
    participants: Vec<StrugglingView>,
    /// How many they are in all.
    count: usize,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Struggling)]
struct StrugglingView {
    participant: String,
    name: String,
    reception: ReceptionView,
}

/// How what the node sends reaches a participant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reception)]
struct ReceptionView {
    #[schema(schema_with = words::standing)]
    standing: Standing,
    /// What their network is found to carry, in bits per second; absent where nothing tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<u32>,
    /// Packets that are lost on the way, of a hundred.
    loss_percent: u8,
}

impl StrugglersView {
    /// The worst of them, and how many they are.
    pub(super) fn of(worst: Vec<Struggling>, Standings { limited, poor }: Standings) -> Self {
        let participants = worst.into_iter().map(StrugglingView::from).collect();
        Self { participants, count: limited.saturating_add(poor) }
    }
}

impl From<Struggling> for StrugglingView {
    fn from(Struggling { participant, name, reception }: Struggling) -> Self {
        let Reception { standing, available, loss_percent } = reception;
        let reception = ReceptionView { standing, available, loss_percent };
        Self { participant: participant.0, name, reception }
    }
}

#[cfg(test)]
mod tests {
    use roomcast_protocol::ParticipantId;

    use super::*;

    #[test]
    fn operators_read_of_strugglers_what_hosts_are_told() {
        let reception =
            Reception { standing: Standing::Poor, available: Some(90_000), loss_percent: 12 };
        let participant = ParticipantId("Zq3vT8Wb".into());
        let bob = Struggling { participant, name: "Bob".into(), reception };
        let participants = vec![bob.clone()];
        let told = roomcast_protocol::ServerMessage::Struggling { participants, count: 1 };
        let mut told = serde_json::to_value(told).unwrap();
        told.as_object_mut().unwrap().remove("type");
        let read = StrugglersView::of(vec![bob], Standings { limited: 0, poor: 1 });
        assert_eq!(serde_json::to_value(read).unwrap(), told);
    }
}
