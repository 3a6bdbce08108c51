//! What the operator reads of the relay. Addresses are shown at `debug` and below alone.

use roomcast_turn::Event;

/// Writes an event down.
pub(super) fn tell(event: &Event) {
    match event {
        Event::AllocationOpened { participant, source, relay, tcp } => {
            tracing::debug!(%participant, source = %source.0, %relay, tcp, "an allocation opened");
        }
        Event::AllocationClosed { participant, relay, cause, to_peers, to_client } => {
            tracing::debug!(
                %participant, %relay, ?cause,
                packets_to_peers = to_peers.packets,
                packets_to_client = to_client.packets,
                "an allocation closed"
            );
        }
        // Strangers can cause these as often as they like; how many there are is in the metrics.
        Event::Refused { participant, source, cause } => {
            tracing::debug!(?participant, source = %source.0, ?cause, "the relay refused a request");
        }
    }
}
