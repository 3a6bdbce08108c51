//! Can the node listen on its port, and who has it if not?

use std::net::SocketAddr;

use super::finding::{Check, Finding, Protocol, System};

/// What was learned about one half of the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Port {
    pub(super) protocol: Protocol,
    pub(super) listen: SocketAddr,
    pub(super) state: State,
}

/// Whether it can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Free,
    Taken(Occupant),
    /// The system does not give ports like this one to this user.
    Forbidden,
    /// The address is not one of this machine.
    ForeignAddress,
    /// Something else, in the words of the system.
    Refused(String),
}

/// Who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Occupant {
    /// A Roomcast node.
    Node {
        /// Whether a node uses the data folder of this configuration.
        holds_data: bool,
    },
    /// Another program.
    Program { name: String, id: u32 },
    /// The system does not tell.
    Unknown,
}

/// What it means for a node with this configuration.
pub(super) fn judge(port: &Port, system: System) -> Finding {
    let (check, name) = match port.protocol {
        Protocol::Tcp => (Check::TcpPort, "TCP"),
        Protocol::Udp => (Check::UdpPort, "UDP"),
    };
    let number = port.listen.port();
    match &port.state {
        State::Free => Finding::ok(check, format!("{name} port {number} is free for a node.")),
        State::Taken(Occupant::Node { holds_data: true }) => {
            Finding::ok(check, format!("Your Roomcast node is running on {name} port {number}."))
        }
        State::Taken(Occupant::Node { holds_data: false }) => Finding::fault(
            check,
            format!("Another Roomcast node, with another data folder, has {name} port {number}."),
            format!("Stop it, name its folder with --data, or choose {}.", other_port(port.listen)),
        ),
        State::Taken(Occupant::Program { name: program, id }) => Finding::fault(
            check,
            format!("The program {program} (process {id}) has {name} port {number}."),
            format!("Stop it, or choose {}.", other_port(port.listen)),
        ),
        State::Taken(Occupant::Unknown) => Finding::fault(
            check,
            format!("Another program has {name} port {number}."),
            format!(
                "Find it with `{}` and stop it, or choose {}.",
                who_has(port.protocol, number, system),
                other_port(port.listen)
            ),
        ),
        State::Forbidden => Finding::fault(
            check,
            format!("You have no permission to listen on {name} port {number}."),
            permission(port.protocol, number, system),
        ),
        State::ForeignAddress => Finding::fault(
            check,
            format!("{} is not an address of this machine.", port.listen.ip()),
            format!("Listen on all of its addresses with --listen '[::]:{number}'."),
        ),
        State::Refused(fault) => Finding::fault(
            check,
            format!("{name} port {number} cannot be used: {fault}."),
            format!("Choose {}.", other_port(port.listen)),
        ),
    }
}

fn other_port(listen: SocketAddr) -> String {
    let port = if listen.port() == u16::MAX { 8443 } else { listen.port() + 1 };
    format!("another port with --listen '{}'", SocketAddr::new(listen.ip(), port))
}

fn who_has(protocol: Protocol, port: u16, system: System) -> String {
    let udp = protocol == Protocol::Udp;
    match system {
        System::Linux => format!("sudo ss -l{}np 'sport = :{port}'", if udp { 'u' } else { 't' }),
        System::MacOs | System::Other => format!("sudo lsof -nP -i{}:{port}", protocol.name()),
        System::Windows => format!("netstat -ano -p {} | findstr :{port}", protocol.flag()),
    }
}

/// Ports below this one are for the administrator, on most systems.
const FIRST_FREE_PORT: u16 = 1_024;

fn permission(protocol: Protocol, port: u16, system: System) -> String {
    match system {
        System::Linux if port < FIRST_FREE_PORT => {
            "Give it the right with `sudo setcap cap_net_bind_service=+ep \"$(command -v roomcast)\"`, \
             or choose --listen '[::]:8443'."
                .into()
        }
        System::MacOs | System::Other if port < FIRST_FREE_PORT => {
            "Start it with sudo, or choose --listen '[::]:8443'.".into()
        }
        System::Windows => format!(
            "See the ports that Windows keeps with `netsh interface ipv4 show excludedportrange \
             protocol={}`, and choose another with --listen.",
            protocol.flag()
        ),
        _ => "Let the security rules of the system allow it, or choose another port with --listen."
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    fn found(listen: &str, state: State, system: System) -> Finding {
        let port = Port { protocol: Protocol::Tcp, listen: listen.parse().unwrap(), state };
        judge(&port, system)
    }

    fn next(listen: &str, state: State, system: System) -> String {
        let finding = found(listen, state, system);
        assert_eq!(finding.status, Status::Fault);
        finding.next.unwrap()
    }

    #[test]
    fn a_free_port_and_ones_own_node_are_fine() {
        let own = State::Taken(Occupant::Node { holds_data: true });
        for state in [State::Free, own] {
            assert_eq!(found("[::]:8443", state, System::Linux).status, Status::Ok);
        }
    }

    #[test]
    fn another_node_is_told_from_a_stranger() {
        let node = State::Taken(Occupant::Node { holds_data: false });
        let finding = found("[::]:8443", node, System::Linux);
        assert_eq!(finding.status, Status::Fault);
        assert!(finding.meaning.contains("Another Roomcast node"), "{}", finding.meaning);
        let stranger = Occupant::Program { name: "nginx".into(), id: 7 };
        let finding = found("[::]:8443", State::Taken(stranger), System::Linux);
        assert!(finding.meaning.contains("nginx (process 7)"), "{}", finding.meaning);
        assert!(finding.next.unwrap().contains("'[::]:8444'"));
    }

    #[test]
    fn every_system_has_its_own_way_to_find_a_stranger() {
        let ways =
            [(System::Linux, "ss -ltnp"), (System::MacOs, "lsof"), (System::Windows, "netstat")];
        for (system, command) in ways {
            let next = next("[::]:8443", State::Taken(Occupant::Unknown), system);
            assert!(next.contains(command) && next.contains("8443"), "{next}");
        }
    }

    #[test]
    fn a_privileged_port_can_be_had_in_the_way_of_the_system() {
        assert!(next("[::]:443", State::Forbidden, System::Linux).contains("setcap"));
        assert!(next("[::]:443", State::Forbidden, System::MacOs).contains("sudo"));
        assert!(next("[::]:443", State::Forbidden, System::Windows).contains("excludedportrange"));
        assert!(!next("[::]:8443", State::Forbidden, System::Linux).contains("setcap"));
    }

    #[test]
    fn a_foreign_address_is_told_from_a_taken_port() {
        let finding = found("192.0.2.1:8443", State::ForeignAddress, System::Linux);
        assert_eq!(finding.meaning, "192.0.2.1 is not an address of this machine.");
    }
}
