//! The order of the node's candidates in an answer. FFmpeg reads the first one alone, so it has to be the
//! one that this client reaches; for others the order means nothing.

use std::net::{IpAddr, Ipv4Addr};

/// The answer with the candidate first whose address the client named to reach the node. `host` is what
/// it asked for: with the name of a machine nothing is known, and the order stays: the best first.
pub(super) fn nearest_first(answer: &str, host: &str) -> String {
    let Some(address) = address_in(host) else { return answer.to_owned() };
    let is_nearest = |line: &&str| address_of(line) == Some(address);
    let mut sorted = String::with_capacity(answer.len());
    let mut write = |line: &str| sorted.extend([line, "\r\n"]);
    let mut lines = answer.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with(CANDIDATE) {
            write(line);
            continue;
        }
        let mut candidates = vec![line];
        while let Some(more) = lines.next_if(|line| line.starts_with(CANDIDATE)) {
            candidates.push(more);
        }
        candidates.sort_by_key(|line| !is_nearest(line));
        candidates.into_iter().for_each(&mut write);
    }
    sorted
}

const CANDIDATE: &str = "a=candidate:";

/// The address of a candidate (RFC 8839 section 5.1): its fifth word.
fn address_of(line: &str) -> Option<IpAddr> {
    line.split(' ').nth(4)?.parse().ok()
}

/// The address that a host with or without a port stands for, if it is one.
fn address_in(host: &str) -> Option<IpAddr> {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']')?.0.parse().ok();
    }
    let name = host.split_once(':').map_or(host, |(name, _port)| name);
    if name.eq_ignore_ascii_case("localhost") {
        return Some(Ipv4Addr::LOCALHOST.into());
    }
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\nm=audio 9 X 0\r\na=mid:0\r\n\
                          a=candidate:1 1 udp 9 203.0.113.7 8443 typ host\r\n\
                          a=candidate:2 1 udp 8 2001:db8::7 8443 typ host\r\n\
                          a=candidate:3 1 udp 7 127.0.0.1 8443 typ host\r\n\
                          a=end-of-candidates\r\n";

    fn order(host: &str) -> String {
        let sorted = nearest_first(ANSWER, host);
        assert_eq!(sorted.len(), ANSWER.len());
        sorted.lines().filter_map(|line| line.strip_prefix(CANDIDATE)?.chars().next()).collect()
    }

    #[test]
    fn the_address_by_which_the_client_came_stands_first() {
        assert_eq!(order("localhost:8443"), "312");
        assert_eq!(order("[2001:db8::7]:8443"), "213");
        assert_eq!(order("203.0.113.7"), "123");
    }

    #[test]
    fn a_name_or_an_address_that_is_none_of_them_changes_nothing() {
        for host in ["live.example.org", "192.0.2.1:8443", "", "[::1", ":"] {
            assert_eq!(nearest_first(ANSWER, host), ANSWER);
        }
    }
}
