//! Does the port answer at the machine's own addresses?

use std::net::{IpAddr, SocketAddr};

use super::finding::{Check, Finding, Protocol, System};

/// What came back from one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// A STUN Binding success (RFC 8489): the address from which the question was seen to come.
    Seen(SocketAddr),
    /// A connection was made, but STUN not answered.
    Mute,
    /// Nothing.
    Silent,
    /// The system refused, in its words.
    Refused(String),
}

impl Answer {
    pub(super) fn is_seen(&self) -> bool {
        matches!(self, Self::Seen(_))
    }
}

/// One address that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) ip: IpAddr,
    pub(super) answer: Answer,
}

/// Whether the port answers at every address of this machine on which a node listens.
pub(super) fn own_addresses(
    protocol: Protocol,
    port: u16,
    tried: &[Tried],
    system: System,
) -> Finding {
    let (check, name) = match protocol {
        Protocol::Tcp => (Check::OwnAddressesTcp, "TCP"),
        Protocol::Udp => (Check::OwnAddressesUdp, "UDP"),
    };
    let silent: Vec<String> = tried
        .iter()
        .filter(|tried| !tried.answer.is_seen())
        .map(|tried| format!("{} ({})", tried.ip, why(&tried.answer)))
        .collect();
    if silent.is_empty() {
        let all = listed(tried.iter().map(|tried| tried.ip.to_string()));
        return Finding::ok(check, format!("STUN over {name} is answered at {all}."));
    }
    let meaning = format!("STUN over {name} is not answered at {}.", listed(silent));
    if tried.iter().all(|tried| tried.answer == Answer::Mute) {
        return Finding::fault(
            check,
            meaning,
            "Start the node anew with this version of Roomcast, since the one that runs there does \
             not answer.",
        );
    }
    Finding::fault(check, meaning, open_firewall(protocol, port, system))
}

fn why(answer: &Answer) -> String {
    match answer {
        Answer::Seen(_) => "answered".into(),
        Answer::Mute => "connected, but no answer".into(),
        Answer::Silent => "no answer".into(),
        Answer::Refused(fault) => fault.clone(),
    }
}

/// What a person would say: "a, b and c".
pub(super) fn listed(items: impl IntoIterator<Item = String>) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    match items.pop() {
        None => "no address".into(),
        Some(last) if items.is_empty() => last,
        Some(last) => format!("{} and {last}", items.join(", ")),
    }
}

fn open_firewall(protocol: Protocol, port: u16, system: System) -> String {
    let (name, flag) = (protocol.name(), protocol.flag());
    match system {
        System::Linux => format!(
            "Let {name} {port} through this machine's firewall: `sudo ufw allow {port}/{flag}` or \
             `sudo firewall-cmd --add-port={port}/{flag}`."
        ),
        System::MacOs => "Allow incoming connections for roomcast under System Settings, Network, \
                          Firewall."
            .into(),
        System::Windows => format!(
            "Let it through: `netsh advfirewall firewall add rule name=Roomcast dir=in action=allow \
             protocol={name} localport={port}`."
        ),
        System::Other => format!("Let {name} {port} through this machine's firewall."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen(from: &str) -> Answer {
        Answer::Seen(SocketAddr::new(ip(from), 5_000))
    }

    fn tried(answers: &[(&str, Answer)]) -> Vec<Tried> {
        answers.iter().map(|(at, answer)| Tried { ip: ip(at), answer: answer.clone() }).collect()
    }

    #[test]
    fn every_own_address_has_to_answer() {
        let all = tried(&[("127.0.0.1", seen("127.0.0.1")), ("::1", seen("::1"))]);
        assert_eq!(own_addresses(Protocol::Udp, 1, &all, System::Linux).status, Status::Ok);
        let some = tried(&[("127.0.0.1", seen("127.0.0.1")), ("192.168.1.5", Answer::Silent)]);
        let finding = own_addresses(Protocol::Udp, 8443, &some, System::Linux);
        assert_eq!(finding.status, Status::Fault);
        assert_eq!(finding.meaning, "STUN over UDP is not answered at 192.168.1.5 (no answer).");
        assert!(finding.next.unwrap().contains("ufw allow 8443/udp"));
        let windows = own_addresses(Protocol::Tcp, 8443, &some, System::Windows).next.unwrap();
        assert!(windows.contains("netsh advfirewall") && windows.contains("protocol=TCP"));
    }

    #[test]
    fn a_node_that_takes_connections_but_knows_no_stun_is_too_old() {
        let mute = tried(&[("127.0.0.1", Answer::Mute)]);
        let finding = own_addresses(Protocol::Tcp, 1, &mute, System::Linux);
        assert!(finding.next.unwrap().contains("this version"));
    }
}
