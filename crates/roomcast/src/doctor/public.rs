//! Is the port reached by its public addresses, and are they the right ones?

use std::net::IpAddr;

use super::finding::{Check, Finding, Status};
use super::reach::{Answer, listed};

/// One address or name of `--public-address`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicAddress {
    pub(super) name: String,
    /// What it leads to, or why that is not known.
    pub(super) leads_to: Result<Vec<Loop>, String>,
}

/// The way out to a public address and back in (hairpin).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loop {
    pub(super) ip: IpAddr,
    /// Whether it is an address of this machine.
    pub(super) own: bool,
    pub(super) tcp: Answer,
    pub(super) udp: Answer,
}

/// Whether the node can be reached under the addresses that it gives away: the worst that is found.
pub(super) fn public_addresses(port: u16, addresses: &[PublicAddress]) -> Finding {
    if addresses.is_empty() {
        return Finding::ok(
            Check::PublicAddress,
            "None is given, so the node is for this machine and its local network; others need \
             --public-address.",
        );
    }
    let findings: Vec<Finding> = addresses.iter().flat_map(|address| one(port, address)).collect();
    for wanted in [Status::Fault, Status::Warning] {
        if let Some(finding) = findings.iter().find(|finding| finding.status == wanted) {
            return finding.clone();
        }
    }
    let meanings: Vec<String> = findings.into_iter().map(|finding| finding.meaning).collect();
    Finding::ok(Check::PublicAddress, meanings.join(" "))
}

fn one(port: u16, address: &PublicAddress) -> Vec<Finding> {
    let check = Check::PublicAddress;
    let name = &address.name;
    match &address.leads_to {
        Err(fault) => vec![Finding::fault(
            check,
            format!("The public address {name} leads nowhere: {fault}."),
            format!(
                "Make a DNS record for {name}, or give the IP address itself with --public-address."
            ),
        )],
        Ok(loops) => loops.iter().map(|found| looped(port, name, found)).collect(),
    }
}

fn looped(port: u16, name: &str, found: &Loop) -> Finding {
    let check = Check::PublicAddress;
    let ip = found.ip;
    let shown = if name == ip.to_string() { ip.to_string() } else { format!("{name} ({ip})") };
    let forward = format!("In the router, forward port {port}, both TCP and UDP, to this machine");
    match (found.tcp.is_seen(), found.udp.is_seen()) {
        (true, true) => Finding::ok(check, answered(&shown, found)),
        _ if found.own => Finding::fault(
            check,
            format!("{shown} is an address of this machine, but does not answer over TCP and UDP."),
            format!("Listen there too, with --listen '[::]:{port}', and look at the firewall."),
        ),
        (true, false) => Finding::fault(
            check,
            format!(
                "{shown} comes back over TCP but not over UDP: pages open, but no picture comes."
            ),
            format!("{forward}; UDP is missing."),
        ),
        (false, true) => Finding::fault(
            check,
            format!("{shown} comes back over UDP but not over TCP: no page opens."),
            format!("{forward}; TCP is missing."),
        ),
        (false, false) => Finding::warning(
            check,
            format!(
                "{shown} does not come back to this machine, which many routers never let it, or \
                 the port is not forwarded."
            ),
            format!(
                "{forward}, and open the page from another network, such as a phone without Wi-Fi."
            ),
        ),
    }
}

fn answered(shown: &str, found: &Loop) -> String {
    match &found.udp {
        Answer::Seen(seen) if seen.ip() == found.ip => {
            format!("{shown} comes back over TCP and UDP, and STUN tells that it is the right one.")
        }
        Answer::Seen(seen) => format!(
            "{shown} comes back over TCP and UDP; STUN sees this machine there as {}.",
            seen.ip()
        ),
        _ => format!("{shown} comes back over TCP and UDP."),
    }
}

/// What a STUN server of the operator's choice tells about this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct External {
    /// As it was given with `--stun`.
    pub(super) server: String,
    /// The address that it sees, or why there is no answer.
    pub(super) seen: Result<IpAddr, String>,
    /// Addresses of this machine.
    pub(super) own: Vec<IpAddr>,
    /// What the public addresses lead to.
    pub(super) public: Vec<IpAddr>,
}

/// Whether the node gives away the address under which the world sees this machine.
pub(super) fn external(facts: &External) -> Finding {
    let check = Check::ExternalAddress;
    let server = &facts.server;
    let seen = match &facts.seen {
        Ok(seen) => *seen,
        Err(fault) => {
            return Finding::warning(
                check,
                format!("The STUN server {server} does not answer: {fault}."),
                "Check its name and port, and that UDP may leave this network.",
            );
        }
    };
    if facts.public.contains(&seen) {
        return Finding::ok(check, format!("{server} sees this machine as {seen}, as configured."));
    }
    let advice = format!("Give --public-address {seen}, or a name that leads to it.");
    if !facts.public.is_empty() {
        let public = listed(facts.public.iter().map(ToString::to_string));
        let meaning =
            format!("{server} sees this machine as {seen}, but the public address is {public}.");
        return if seen.is_ipv4() == facts.public.iter().any(IpAddr::is_ipv4) {
            Finding::fault(check, meaning, advice)
        } else {
            Finding::warning(check, meaning, advice)
        };
    }
    if facts.own.contains(&seen) {
        return Finding::ok(
            check,
            format!("{server} sees this machine as {seen}, its own address: there is no NAT."),
        );
    }
    Finding::warning(
        check,
        format!("{server} sees this machine as {seen}, which browsers outside are not told."),
        format!("{advice} Forward the port to this machine, too."),
    )
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen(from: &str) -> Answer {
        Answer::Seen(SocketAddr::new(ip(from), 5_000))
    }

    fn public(tcp: Answer, udp: Answer, own: bool) -> Finding {
        let found = Loop { ip: ip("203.0.113.5"), own, tcp, udp };
        let address = PublicAddress { name: "live.example.org".into(), leads_to: Ok(vec![found]) };
        public_addresses(8443, &[address])
    }

    #[test]
    fn a_public_address_that_comes_back_is_fine() {
        let finding = public(seen("203.0.113.5"), seen("203.0.113.5"), false);
        assert_eq!(finding.status, Status::Ok);
        assert!(finding.meaning.contains("the right one"), "{}", finding.meaning);
        let finding = public(seen("192.168.1.1"), seen("192.168.1.1"), false);
        assert!(finding.meaning.contains("as 192.168.1.1"), "{}", finding.meaning);
    }

    #[test]
    fn half_a_forwarded_port_is_a_fault_and_names_the_half() {
        let no_udp = public(seen("203.0.113.5"), Answer::Silent, false);
        assert_eq!(no_udp.status, Status::Fault);
        assert!(no_udp.next.unwrap().ends_with("UDP is missing."));
        let no_tcp = public(Answer::Silent, seen("203.0.113.5"), false);
        assert!(no_tcp.next.unwrap().ends_with("TCP is missing."));
    }

    #[test]
    fn a_router_that_does_not_loop_is_only_a_warning_but_the_own_address_must_answer() {
        assert_eq!(public(Answer::Silent, Answer::Silent, false).status, Status::Warning);
        assert_eq!(public(Answer::Silent, Answer::Silent, true).status, Status::Fault);
    }

    #[test]
    fn a_public_name_that_leads_nowhere_is_a_fault_even_beside_a_good_one() {
        let nowhere =
            PublicAddress { name: "gone.example.org".into(), leads_to: Err("no record".into()) };
        let found = Loop { ip: ip("203.0.113.5"), own: true, tcp: seen("::1"), udp: seen("::1") };
        let good = PublicAddress { name: "203.0.113.5".into(), leads_to: Ok(vec![found]) };
        assert_eq!(public_addresses(1, &[good.clone(), nowhere]).status, Status::Fault);
        assert_eq!(public_addresses(1, &[good]).status, Status::Ok);
        assert_eq!(public_addresses(1, &[]).status, Status::Ok);
    }

    fn told(seen: Result<&str, &str>, own: &[&str], public: &[&str]) -> Status {
        external(&External {
            server: "stun.example.org:3478".into(),
            seen: seen.map(ip).map_err(ToOwned::to_owned),
            own: own.iter().copied().map(ip).collect(),
            public: public.iter().copied().map(ip).collect(),
        })
        .status
    }

    #[test]
    fn the_address_that_a_stun_server_sees_is_held_against_the_configured_one() {
        assert_eq!(told(Ok("203.0.113.5"), &[], &["203.0.113.5"]), Status::Ok);
        assert_eq!(told(Ok("203.0.113.5"), &["203.0.113.5"], &[]), Status::Ok);
        assert_eq!(told(Ok("203.0.113.5"), &["192.168.1.5"], &[]), Status::Warning);
        assert_eq!(told(Ok("203.0.113.5"), &[], &["198.51.100.7"]), Status::Fault);
        assert_eq!(told(Ok("203.0.113.5"), &[], &["2001:db8::1"]), Status::Warning);
        assert_eq!(told(Err("no answer"), &[], &[]), Status::Warning);
    }
}
