//! Where a webhook may lead. Only to public hosts: whoever may make webhooks must not reach what is
//! around the node, unless its operator has allowed it.
//!
//! An address is judged when the webhook is made and again at each connect, since a name may lead
//! elsewhere by then.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use roomcast_protocol::{ErrorCode, Refusal};
use roomcast_turn::{Network, is_special, unwrapped};

/// Why a target is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TargetFault {
    /// It cannot be read as an address of the web, or has parts that it must not have.
    #[error(
        "the target must be an http or https address of at most {MAX_URL_BYTES} bytes, without a \
         user or password"
    )]
    Invalid,
    /// Its name leads nowhere.
    #[error("the target's name cannot be resolved")]
    Unresolved,
    /// It lies in a private or special range.
    #[error(
        "the target lies in a private or special network; the operator can allow it with \
         --webhook-allow"
    )]
    Refused,
}

impl From<TargetFault> for Refusal {
    fn from(fault: TargetFault) -> Self {
        Self::new(ErrorCode::WebhookTarget, fault.to_string())
    }
}

/// Bytes of a target: what usual servers accept.
pub(super) const MAX_URL_BYTES: usize = 2_048;

/// How long a name may take to be resolved.
const RESOLVE_TIME_LIMIT: Duration = Duration::from_secs(5);

/// Reads a target, without asking where it leads.
pub(super) fn parse(text: &str) -> Result<Url, TargetFault> {
    if text.len() > MAX_URL_BYTES {
        return Err(TargetFault::Invalid);
    }
    let mut url = Url::parse(text).map_err(|_| TargetFault::Invalid)?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !is_web || has_user || url.port_or_known_default() == Some(0) {
        return Err(TargetFault::Invalid);
    }
    url.set_fragment(None);
    if url.as_str().len() > MAX_URL_BYTES { Err(TargetFault::Invalid) } else { Ok(url) }
}

/// Which addresses webhooks may reach.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    allow: Arc<[Network]>,
    names: Names,
}

/// Who resolves names.
#[derive(Debug, Clone)]
enum Names {
    /// The machine.
    System,
    /// A list that changes from question to question.
    #[cfg(test)]
    Told(Arc<std::sync::Mutex<std::collections::VecDeque<Vec<IpAddr>>>>),
}

impl Reach {
    pub(super) fn new(allow: impl IntoIterator<Item = Network>) -> Self {
        Self { allow: allow.into_iter().collect(), names: Names::System }
    }

    /// Whether the target may be reached, as far as can be told now.
    pub(super) async fn check(&self, url: &Url) -> Result<(), TargetFault> {
        if let Some(address) = literal(url) {
            return self.judge(address);
        }
        let name = url.host_str().ok_or(TargetFault::Invalid)?.to_owned();
        match tokio::time::timeout(RESOLVE_TIME_LIMIT, self.clone().resolved(name)).await {
            Ok(result) => result.map(drop),
            Err(_) => Err(TargetFault::Unresolved),
        }
    }

    /// The same for a target that names an address: no resolver is asked for it.
    pub(super) fn check_literal(&self, url: &Url) -> Result<(), TargetFault> {
        literal(url).map_or(Ok(()), |address| self.judge(address))
    }

    /// Where a name leads. One address that may not be reached spoils the others: nobody has such a
    /// name for an honest reason.
    async fn resolved(self, name: String) -> Result<Vec<SocketAddr>, TargetFault> {
        let addresses = self.names.lookup(name).await.ok_or(TargetFault::Unresolved)?;
        if addresses.is_empty() {
            return Err(TargetFault::Unresolved);
        }
        addresses.iter().try_for_each(|address| self.judge(*address))?;
        // The port is that of the target.
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
    }

    fn judge(&self, address: IpAddr) -> Result<(), TargetFault> {
        let inner = unwrapped(address);
        let allowed =
            self.allow.iter().any(|network| network.holds(address) || network.holds(inner));
        if allowed || is_public(inner) { Ok(()) } else { Err(TargetFault::Refused) }
    }
}

impl Names {
    async fn lookup(&self, name: String) -> Option<Vec<IpAddr>> {
        match self {
            Self::System => {
                let found = tokio::net::lookup_host((name, 0)).await.ok()?;
                Some(found.map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Self::Told(answers) => answers.lock().unwrap().pop_front(),
        }
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let resolved = self.clone().resolved(name.as_str().to_owned());
        Box::pin(async move {
            let addresses: Addrs = Box::new(resolved.await?.into_iter());
            Ok(addresses)
        })
    }
}

/// The address that a target names itself. Other spellings of IPv4 addresses (octal, one number) have
/// been read already.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether somebody's public host may have the address. [`unwrapped`] first.
fn is_public(address: IpAddr) -> bool {
    let may_be = match address {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !DOCUMENTATION.contains(&[a, b, c])
        }
        IpAddr::V6(ip) => match ip.segments() {
            // For documentation (RFC 3849, RFC 9637).
            [0x2001, 0x0DB8, ..] | [0x3FFF, 0..0x1000, ..] => false,
            // Nothing else is given out (RFC 4291 §2.4).
            [first, ..] => first & 0xE000 == 0x2000,
        },
    };
    may_be && !is_special(address)
}

/// IPv4 for documentation (RFC 5737).
const DOCUMENTATION: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];

#[cfg(test)]
impl Reach {
    /// One whose names lead where the list says, one entry for each question.
    pub(super) fn told(allow: &[&str], answers: &[&[&str]]) -> Self {
        let addresses = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(addresses).collect();
        Self {
            allow: allow.iter().map(|text| text.parse().unwrap()).collect(),
            names: Names::Told(Arc::new(std::sync::Mutex::new(answers))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(allow: &[&str], address: &str) -> bool {
        Reach::told(allow, &[]).judge(address.parse().unwrap()).is_ok()
    }

    async fn checked(reach: &Reach, url: &str) -> Result<(), TargetFault> {
        reach.check(&parse(url)?).await
    }

    #[test]
    fn addresses_that_are_nobodys_public_host_are_refused_in_every_form() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::c000:201",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "64:ff9b:1::1",
            "2001::1",
            "fec0::1",
            "4000::1",
        ] {
            assert!(!judged(&[], address), "{address}");
        }
    }

    #[test]
    fn public_addresses_may_be_reached() {
        for address in ["1.1.1.1", "192.0.1.1", "2606:4700::1111", "3fff:1000::1", "::ffff:8.8.8.8"]
        {
            assert!(judged(&[], address), "{address}");
        }
    }

    #[test]
    fn what_the_operator_allows_may_be_reached_and_nothing_beside_it() {
        assert!(judged(&["10.1.0.0/16"], "10.1.2.3"));
        assert!(judged(&["10.1.0.0/16"], "::ffff:10.1.2.3"));
        assert!(!judged(&["10.1.0.0/16"], "10.2.0.1"));
        assert!(judged(&["::1"], "::1"));
    }

    #[test]
    fn a_target_is_an_address_of_the_web_and_bears_no_secret() {
        assert_eq!(
            parse("https://example.org/h?x=1#y").unwrap().as_str(),
            "https://example.org/h?x=1"
        );
        let long = format!("https://example.org/{}", "x".repeat(MAX_URL_BYTES));
        for wrong in [
            "",
            "example.org",
            "ftp://example.org/",
            "file:///etc/passwd",
            "http://",
            "http://:80/",
            "https://user@example.org/",
            "https://user:word@example.org/",
            "http://example.org:0/",
            "http://[::1/",
            "http://1.2.3.4.5.6/",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(parse(wrong), Err(TargetFault::Invalid), "{wrong}");
        }
    }

    #[tokio::test]
    async fn an_address_in_the_target_is_judged_in_every_spelling() {
        let reach = Reach::told(&[], &[]);
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://0/",
            "http://[fe80::1]:8443/",
            "http://169.254.169.254/latest/",
        ] {
            assert_eq!(checked(&reach, url).await, Err(TargetFault::Refused), "{url}");
            assert_eq!(reach.check_literal(&parse(url).unwrap()), Err(TargetFault::Refused));
        }
        assert_eq!(checked(&reach, "http://8.8.8.8/").await, Ok(()));
    }

    #[tokio::test]
    async fn a_name_is_judged_by_where_it_leads() {
        let reach = Reach::told(&[], &[&["8.8.8.8"], &["8.8.8.8", "127.0.0.1"], &[]]);
        let url = "https://hook.example.org/";
        assert_eq!(checked(&reach, url).await, Ok(()));
        assert_eq!(checked(&reach, url).await, Err(TargetFault::Refused), "one spoils all");
        assert_eq!(checked(&reach, url).await, Err(TargetFault::Unresolved));
        assert_eq!(checked(&reach, url).await, Err(TargetFault::Unresolved));
    }

    #[tokio::test]
    async fn the_machines_own_name_is_refused() {
        let reach = Reach::new([]);
        let result = checked(&reach, "http://localhost:9/").await;
        assert_eq!(result, Err(TargetFault::Refused));
    }
}
