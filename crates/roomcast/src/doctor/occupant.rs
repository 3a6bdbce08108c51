//! Tries the port, and finds out who has it. Which program it is, Linux alone tells without asking
//! another program.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use roomcast_net::tcp::Listener;
use roomcast_net::udp::Socket;

use super::finding::Protocol;
use super::port::{Occupant, Port, State};
use super::{data, probe};

/// Tries both halves of the port, as a node would take them, and lets go of them.
pub(super) async fn gather_ports(listen: SocketAddr, folder: &Path) -> [Port; 2] {
    let held = data::is_held(folder);
    let tcp = Listener::bind(listen).map(drop);
    let udp = Socket::bind(listen).map(drop);
    let node = tcp.is_err() && probe::is_node(probe::nearest(listen)).await;
    let state = |protocol, tried| {
        state_of(tried, || match process(protocol, listen.port()) {
            _ if node && is_of_the_node(protocol, listen.port()) => {
                Occupant::Node { holds_data: held }
            }
            Some(Process { name, id }) => Occupant::Program { name, id },
            None => Occupant::Unknown,
        })
    };
    [(Protocol::Tcp, tcp), (Protocol::Udp, udp)].map(|(protocol, tried)| Port {
        protocol,
        listen,
        state: state(protocol, tried),
    })
}

fn state_of(tried: io::Result<()>, occupant: impl FnOnce() -> Occupant) -> State {
    let Err(error) = tried else { return State::Free };
    match error.kind() {
        io::ErrorKind::AddrInUse => State::Taken(occupant()),
        io::ErrorKind::PermissionDenied => State::Forbidden,
        io::ErrorKind::AddrNotAvailable => State::ForeignAddress,
        _ => State::Refused(error.to_string()),
    }
}

/// A node answers over TCP. The UDP half is taken to be its own unless the system knows better.
fn is_of_the_node(protocol: Protocol, port: u16) -> bool {
    if protocol == Protocol::Tcp {
        return true;
    }
    match (process(Protocol::Tcp, port), process(Protocol::Udp, port)) {
        (Some(tcp), Some(udp)) => tcp.id == udp.id,
        _ => true,
    }
}

/// A process, as the system shows it to this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) name: String,
    pub(super) id: u32,
}

/// Who listens on a port. `None` if the system does not tell this user.
#[cfg(target_os = "linux")]
pub(super) fn process(protocol: Protocol, port: u16) -> Option<Process> {
    let tables = match protocol {
        Protocol::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
        Protocol::Udp => ["/proc/net/udp", "/proc/net/udp6"],
    };
    let texts = tables.into_iter().filter_map(|table| std::fs::read_to_string(table).ok());
    let wanted: Vec<String> = texts
        .flat_map(|text| inodes(&text, protocol, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if wanted.is_empty() {
        return None;
    }
    let ids = std::fs::read_dir("/proc").ok()?.flatten();
    let mut ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let id: u32 = ids.find(|id| holds(*id, &wanted))?;
    let name = std::fs::read_to_string(format!("/proc/{id}/comm")).ok()?;
    Some(Process { name: name.trim().to_owned(), id })
}

/// Who listens on a port: not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn process(_protocol: Protocol, _port: u16) -> Option<Process> {
    None
}

#[cfg(target_os = "linux")]
fn holds(process: u32, sockets: &[String]) -> bool {
    let Ok(files) = std::fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok()).any(|target| {
        target.to_str().is_some_and(|target| sockets.iter().any(|socket| socket == target))
    })
}

/// The sockets of one port, from a table of `/proc/net`: those that listen (TCP, state 0A), or that
/// are connected to nobody (UDP, state 07).
#[cfg(any(target_os = "linux", test))]
fn inodes(table: &str, protocol: Protocol, port: u16) -> Vec<u64> {
    let state = match protocol {
        Protocol::Tcp => "0A",
        Protocol::Udp => "07",
    };
    let inode = |line: &str| -> Option<u64> {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (_, at) = columns.get(1)?.rsplit_once(':')?;
        let fits = u16::from_str_radix(at, 16).ok()? == port && *columns.get(3)? == state;
        columns.get(9)?.parse().ok().filter(|_| fits)
    };
    table.lines().skip(1).filter_map(inode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 0100007F:20FB 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1
   3: nonsense";

    #[test]
    fn the_listening_sockets_of_a_port_are_found_in_the_table() {
        assert_eq!(inodes(TABLE, Protocol::Tcp, 0x20FB), [4711]);
        assert_eq!(inodes(TABLE, Protocol::Tcp, 81), Vec::<u64>::new());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_of_this_process_is_known_as_its_own() {
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let ports = [
            (Protocol::Tcp, tcp.local_addr().unwrap()),
            (Protocol::Udp, udp.local_addr().unwrap()),
        ];
        for (protocol, address) in ports {
            assert_eq!(process(protocol, address.port()).unwrap().id, std::process::id());
        }
    }
}
