//! What the system gives a UDP socket: room for bursts, and many datagrams in one call.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use roomcast_net::udp::{Group, RecvBatch, SOCKET_BUFFER_BYTES, Socket};
use socket2::{Domain, Protocol, Type};

use super::finding::{Check, Finding, System};

/// Bytes that a socket may hold, as they were granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Buffers {
    pub(super) receive: usize,
    pub(super) send: usize,
}

/// Asks for what a node asks for, and sees what is granted.
pub(super) fn gather_buffers() -> io::Result<Buffers> {
    let socket = socket2::Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    // A refusal shows in what is granted.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    let (receive, send) = (socket.recv_buffer_size()?, socket.send_buffer_size()?);
    // Linux counts its bookkeeping too, and tells the double of what it grants (socket(7)).
    let told = if cfg!(target_os = "linux") { 2 } else { 1 };
    Ok(Buffers { receive: receive / told, send: send / told })
}

/// Whether bursts fit.
pub(super) fn judge_buffers(granted: io::Result<Buffers>, system: System) -> Finding {
    let check = Check::UdpBuffers;
    let granted = match granted {
        Ok(granted) => granted,
        Err(error) => {
            return Finding::fault(
                check,
                format!("No UDP socket can be opened: {error}."),
                "Look whether a container or a security rule forbids UDP.",
            );
        }
    };
    let least = granted.receive.min(granted.send);
    let asked = bytes(SOCKET_BUFFER_BYTES as u64);
    if least >= SOCKET_BUFFER_BYTES {
        return Finding::ok(check, format!("The system grants buffers of {asked}."));
    }
    let meaning = format!(
        "The system grants {} for receiving and {} for sending where {asked} are asked for, so \
         packets are lost when many come at once.",
        bytes(granted.receive as u64),
        bytes(granted.send as u64)
    );
    Finding::warning(check, meaning, raise_buffers(system))
}

fn raise_buffers(system: System) -> String {
    let size = SOCKET_BUFFER_BYTES;
    match system {
        System::Linux => format!(
            "Raise the limits with `sudo sysctl -w net.core.rmem_max={size} net.core.wmem_max={size}`, \
             and put both into /etc/sysctl.d/roomcast.conf to keep them."
        ),
        // A single buffer may not take all of the space that this names.
        System::MacOs => {
            format!("Raise the limit with `sudo sysctl -w kern.ipc.maxsockbuf={}`.", 2 * size)
        }
        System::Windows | System::Other => {
            "Raise the system's limit of socket buffers, then start the node anew.".into()
        }
    }
}

/// How many datagrams go in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offload {
    /// Datagrams of one call to send (GSO). 1 if there is no such thing.
    pub(super) sent: usize,
    /// Datagrams of one call to receive that may be one piece (GRO). 1 if there is no such thing.
    pub(super) received: usize,
    /// Whether a group was sent over loopback by one call, and arrived whole.
    pub(super) tried: bool,
}

/// Sends one group from a socket to itself over loopback.
pub(super) fn gather_offload() -> io::Result<Offload> {
    let mut socket = Socket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let contents = [7; GROUP_DATAGRAMS * DATAGRAM_BYTES];
    let destination = socket.local_addr();
    let group =
        Group { destination, source_ip: None, contents: &contents, segment_size: DATAGRAM_BYTES };
    let sent = socket.send(&group);
    let mut batch = RecvBatch::new();
    let (mut arrived, deadline) = (0, Instant::now() + ARRIVAL_TIME_LIMIT);
    while arrived < sent.datagrams && Instant::now() < deadline {
        arrived += socket.recv(&mut batch)?;
        std::thread::yield_now();
    }
    let tried = sent.calls == 1 && arrived == GROUP_DATAGRAMS;
    Ok(Offload { sent: socket.max_segments(), received: socket.max_received_segments(), tried })
}

/// What a frame of video is cut into, roughly.
const GROUP_DATAGRAMS: usize = 8;
/// Bytes of a datagram on every path.
const DATAGRAM_BYTES: usize = 1_200;
/// Over loopback a datagram is there when the call returns; a firewall may have eaten it.
const ARRIVAL_TIME_LIMIT: Duration = Duration::from_millis(200);

/// Whether media can be sent cheaply.
pub(super) fn judge_offload(facts: io::Result<Offload>, system: System) -> Finding {
    let check = Check::UdpOffload;
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => {
            return Finding::fault(
                check,
                format!("UDP does not work over loopback: {error}."),
                "Look whether a container or a security rule forbids UDP on 127.0.0.1.",
            );
        }
    };
    if facts.sent > 1 && facts.tried {
        let receiving = if facts.received > 1 { "and received so, too (GRO)" } else { "(GSO)" };
        return Finding::ok(
            check,
            format!("Up to {} datagrams are sent in one call {receiving}.", facts.sent),
        );
    }
    match system {
        System::Linux if facts.sent > 1 => Finding::warning(
            check,
            "The system offers to send datagrams in groups (GSO), but a group did not arrive; each \
             packet then costs two to three times the processor time.",
            "Look whether a firewall or a sandbox such as gVisor stands in between.",
        ),
        System::Linux => Finding::warning(
            check,
            "Each datagram is sent by a call of its own (no GSO), which costs two to three times the \
             processor time.",
            "Use Linux 4.18 or newer, outside of sandboxes such as gVisor.",
        ),
        _ => Finding::ok(
            check,
            "Each datagram is sent by a call of its own; Linux alone has a faster way that is used here.",
        ),
    }
}

/// A size for a person: in MiB from one on, else in KiB.
pub(super) fn bytes(bytes: u64) -> String {
    const KIB: u64 = 1_024;
    const MIB: u64 = KIB * KIB;
    const GIB: u64 = KIB * MIB;
    match bytes {
        GIB.. => format!("{} GiB", bytes / GIB),
        MIB.. => format!("{} MiB", bytes / MIB),
        _ => format!("{} KiB", bytes / KIB),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn buffers_smaller_than_asked_for_are_a_warning_with_the_command_of_the_system() {
        let granted = |bytes| Ok(Buffers { receive: bytes, send: SOCKET_BUFFER_BYTES });
        assert_eq!(judge_buffers(granted(SOCKET_BUFFER_BYTES), System::Linux).status, Status::Ok);
        let small = judge_buffers(granted(212_992), System::Linux);
        assert_eq!(small.status, Status::Warning);
        assert!(small.meaning.contains("208 KiB") && small.meaning.contains("4 MiB"));
        assert!(small.next.unwrap().contains("net.core.rmem_max=4194304"));
        let mac = judge_buffers(granted(212_992), System::MacOs).next.unwrap();
        assert!(mac.contains("kern.ipc.maxsockbuf=8388608"), "{mac}");
    }

    #[test]
    fn a_machine_without_udp_is_at_fault() {
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(judge_buffers(Err(refused()), System::Linux).status, Status::Fault);
        assert_eq!(judge_offload(Err(refused()), System::Linux).status, Status::Fault);
    }

    fn offload(sent: usize, tried: bool, system: System) -> Status {
        judge_offload(Ok(Offload { sent, received: 64, tried }), system).status
    }

    #[test]
    fn groups_have_to_arrive_and_are_expected_on_linux_alone() {
        assert_eq!(offload(64, true, System::Linux), Status::Ok);
        assert_eq!(offload(64, false, System::Linux), Status::Warning);
        assert_eq!(offload(1, false, System::Linux), Status::Warning);
        assert_eq!(offload(1, false, System::MacOs), Status::Ok);
    }

    #[test]
    fn what_was_granted_is_what_the_system_says() {
        let granted = gather_buffers().unwrap();
        assert!(granted.receive > 0 && granted.receive <= SOCKET_BUFFER_BYTES);
        assert!(gather_offload().unwrap().sent >= 1);
    }
}
